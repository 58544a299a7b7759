import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import Snackbar from '@mui/material/Snackbar';
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import { useNavigate } from 'react-router';

interface Toast {
  readonly message: string;
  readonly severity: 'success' | 'error';
  readonly link?: { readonly to: string; readonly text: string };
}

const ToastContext = createContext<(toast: Toast) => void>(() => undefined);

/** Short words about what was just done. One with an action, or about a failure, stays until it is closed. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [toast, setToast] = useState<Toast | null>(null);
  const [open, setOpen] = useState(false);
  const navigate = useNavigate();
  const show = useMemo(
    () => (next: Toast) => {
      setToast(next);
      setOpen(true);
    },
    [],
  );
  const link = toast?.link;
  const stays = link !== undefined || toast?.severity === 'error';

  return (
    <ToastContext value={show}>
      {children}
      <Snackbar
        key={toast?.message}
        open={open}
        autoHideDuration={stays ? null : 5_000}
        onClose={(_event, reason) => {
          if (reason !== 'clickaway') setOpen(false);
        }}
        anchorOrigin={{ vertical: 'bottom', horizontal: 'center' }}
      >
        <Alert
          severity={toast?.severity ?? 'success'}
          variant="outlined"
          sx={{ bgcolor: 'background.paper', boxShadow: 6 }}
          onClose={() => setOpen(false)}
          action={
            link === undefined ? undefined : (
              <>
                <Button
                  color="inherit"
                  size="small"
                  onClick={() => {
                    setOpen(false);
                    void navigate(link.to);
                  }}
                >
                  {link.text}
                </Button>
                <Button color="inherit" size="small" onClick={() => setOpen(false)}>
                  Close
                </Button>
              </>
            )
          }
        >
          {toast?.message}
        </Alert>
      </Snackbar>
    </ToastContext>
  );
}

export function useToast(): (toast: Toast) => void {
  return useContext(ToastContext);
}
