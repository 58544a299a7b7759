import CheckIcon from '@mui/icons-material/Check';
import ContentCopyIcon from '@mui/icons-material/ContentCopy';
import Button from '@mui/material/Button';
import { useEffect, useState } from 'react';

const THANKS_MS = 1_600;

/** Copies the text. Browsers allow it only over HTTPS and on this machine; elsewhere the button is not there. */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = window.setTimeout(() => setCopied(false), THANKS_MS);
    return () => window.clearTimeout(timer);
  }, [copied]);
  if (!window.isSecureContext) return null;
  return (
    <Button
      size="small"
      aria-label={`Copy: ${what}`}
      startIcon={copied ? <CheckIcon /> : <ContentCopyIcon />}
      onClick={() => {
        navigator.clipboard.writeText(text).then(
          () => setCopied(true),
          () => setCopied(false),
        );
      }}
    >
      {copied ? 'Copied' : 'Copy'}
    </Button>
  );
}
