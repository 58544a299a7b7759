import { type Components, type CssVarsTheme, type Theme } from '@mui/material/styles';

type ThemeWithVars = Omit<Theme, 'palette' | 'applyStyles'> & CssVarsTheme;

/** How Material's components look in Almanac: flat paper, hairlines, no capitals, figures that line up. */
export const themeComponents: Components<ThemeWithVars> = {
  MuiCssBaseline: {
    styleOverrides: (theme) => ({
      body: { fontVariantNumeric: 'tabular-nums', scrollbarGutter: 'stable' },
      a: { color: theme.vars.palette.primary.main },
      '@media (prefers-reduced-motion: reduce)': {
        '*, *::before, *::after': { transitionDuration: '0.01ms !important', animationDuration: '0.01ms !important' },
      },
    }),
  },
  MuiPaper: { defaultProps: { elevation: 0 }, styleOverrides: { root: { backgroundImage: 'none' } } },
  MuiButton: { defaultProps: { disableElevation: true }, styleOverrides: { root: { borderRadius: 8 } } },
  MuiToggleButton: {
    styleOverrides: {
      root: ({ theme }) => ({
        textTransform: 'none',
        fontWeight: 600,
        paddingBlock: 4,
        paddingInline: 12,
        color: theme.vars.palette.text.secondary,
      }),
    },
  },
  MuiTooltip: {
    defaultProps: { enterDelay: 300, describeChild: true },
    styleOverrides: { tooltip: { fontSize: '0.78rem', maxWidth: 420 } },
  },
  MuiTextField: { defaultProps: { size: 'small', fullWidth: true } },
  MuiDialog: {
    styleOverrides: {
      paper: ({ theme }) => ({ border: `1px solid ${theme.vars.palette.divider}`, backgroundImage: 'none' }),
    },
  },
  MuiMenu: {
    styleOverrides: { paper: ({ theme }) => ({ border: `1px solid ${theme.vars.palette.divider}` }) },
  },
  MuiAlert: { styleOverrides: { root: { borderRadius: 10 } } },
  MuiTableCell: {
    styleOverrides: {
      root: ({ theme }) => ({ borderColor: theme.vars.palette.divider, paddingBlock: 8 }),
      head: ({ theme }) => ({
        color: theme.vars.palette.text.secondary,
        backgroundColor: theme.vars.palette.background.paper,
        fontWeight: 600,
        whiteSpace: 'nowrap',
      }),
    },
  },
  MuiChip: { styleOverrides: { root: { borderRadius: 7 } } },
  MuiSkeleton: { defaultProps: { animation: 'wave' } },
};
