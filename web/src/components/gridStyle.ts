import type { SxProps, Theme } from '@mui/material/styles';

/** Hairlines instead of boxes, quiet headings, and focus that can be seen. */
export const gridStyle: SxProps<Theme> = {
  border: 0,
  borderRadius: 0,
  '--DataGrid-rowBorderColor': 'var(--al-palette-divider)',
  '--DataGrid-containerBackground': 'transparent',
  '--DataGrid-t-header-background-base': 'transparent',
  '& .MuiDataGrid-columnHeaderTitle': { fontWeight: 600, color: 'text.secondary', fontSize: '0.7812rem' },
  '& .MuiDataGrid-columnSeparator': { visibility: 'hidden' },
  '& .MuiDataGrid-cell': { display: 'flex', alignItems: 'center', fontSize: '0.8438rem', lineHeight: 1.35 },
  '& .MuiDataGrid-cell:focus, & .MuiDataGrid-columnHeader:focus': { outlineColor: 'primary.main' },
  '& .MuiDataGrid-row.quiet': { color: 'text.secondary' },
};
