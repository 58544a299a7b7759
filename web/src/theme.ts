import { createTheme } from '@mui/material/styles';

import { themeComponents } from './themeComponents.ts';

declare module '@mui/material/styles' {
  interface Palette {
    rail: { background: string; text: string; active: string; mark: string };
    chart: Record<ChartColor, string>;
  }
  interface PaletteOptions {
    rail?: Palette['rail'];
    chart?: Palette['chart'];
  }
}

export type ChartColor = 'required' | 'planned' | 'actual' | 'limit' | 'short' | 'grid';

const SANS =
  'Inter, "Segoe UI Variable Text", "Segoe UI", system-ui, -apple-system, "Helvetica Neue", "Liberation Sans", sans-serif';
export const SERIF =
  '"Iowan Old Style", "Palatino Nova", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, "Liberation Serif", serif';
export const MONO = '"JetBrains Mono", "Cascadia Mono", "SF Mono", Menlo, Consolas, "Liberation Mono", monospace';

/** Paper and spruce by day, ink and pale spruce by night. Chart colours are Okabe-Ito, or darkened from it. */
export const theme = createTheme({
  cssVariables: { colorSchemeSelector: 'data-color-scheme', cssVarPrefix: 'al' },
  colorSchemes: {
    light: {
      palette: {
        primary: { main: '#1d5a51', dark: '#123f39', light: '#d7e8e3', contrastText: '#ffffff' },
        secondary: { main: '#7a5200', contrastText: '#ffffff' },
        error: { main: '#a32932' },
        warning: { main: '#8a5300' },
        success: { main: '#25683c' },
        info: { main: '#24598c' },
        background: { default: '#f6f3ec', paper: '#fffdf9' },
        text: { primary: '#1d2427', secondary: '#535c61' },
        divider: '#e3ddd0',
        rail: { background: '#173f3a', text: '#d5e3dc', active: '#ffffff', mark: '#e8b45a' },
        chart: {
          required: '#0072b2',
          planned: '#00735c',
          actual: '#b84a00',
          limit: '#595959',
          short: '#a32932',
          grid: '#e3ddd0',
        },
      },
    },
    dark: {
      palette: {
        primary: { main: '#8acdbd', dark: '#5fae9c', light: '#21423c', contrastText: '#0d1a17' },
        secondary: { main: '#e3b565', contrastText: '#1b1300' },
        error: { main: '#f2969b' },
        warning: { main: '#e9b765' },
        success: { main: '#8fcf9f' },
        info: { main: '#8fc0ee' },
        background: { default: '#121718', paper: '#1a2123' },
        text: { primary: '#e9e7e0', secondary: '#a8b1b3' },
        divider: '#313a3d',
        rail: { background: '#0d1213', text: '#a8b8b3', active: '#ffffff', mark: '#e8b45a' },
        chart: {
          required: '#56b4e9',
          planned: '#4fc7a3',
          actual: '#f5a623',
          limit: '#bdbdbd',
          short: '#f2969b',
          grid: '#313a3d',
        },
      },
    },
  },
  shape: { borderRadius: 10 },
  typography: {
    fontFamily: SANS,
    fontSize: 14,
    h1: { fontFamily: SERIF, fontSize: '1.75rem', fontWeight: 600, lineHeight: 1.2, letterSpacing: '-0.01em' },
    h2: { fontSize: '1rem', fontWeight: 650, lineHeight: 1.3 },
    h3: { fontSize: '0.875rem', fontWeight: 650, lineHeight: 1.3 },
    body1: { fontSize: '0.9375rem', lineHeight: 1.5 },
    body2: { fontSize: '0.8438rem', lineHeight: 1.45 },
    caption: { fontSize: '0.7812rem', lineHeight: 1.4 },
    overline: { fontSize: '0.6875rem', fontWeight: 650, letterSpacing: '0.09em', lineHeight: 1.6 },
    button: { textTransform: 'none', fontWeight: 600 },
  },
  components: themeComponents,
});
