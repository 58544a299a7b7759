import NavigateBeforeIcon from '@mui/icons-material/NavigateBefore';
import NavigateNextIcon from '@mui/icons-material/NavigateNext';
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';

export function YearStepper({ year, onYear }: { readonly year: number; readonly onYear: (year: number) => void }) {
  return (
    <Box sx={{ display: 'flex', alignItems: 'center' }}>
      <IconButton size="small" aria-label="The year before" onClick={() => onYear(year - 1)}>
        <NavigateBeforeIcon />
      </IconButton>
      <Box component="span" aria-live="polite" sx={{ fontWeight: 650, minWidth: 44, textAlign: 'center' }}>
        {year}
      </Box>
      <IconButton size="small" aria-label="The year after" onClick={() => onYear(year + 1)}>
        <NavigateNextIcon />
      </IconButton>
    </Box>
  );
}
