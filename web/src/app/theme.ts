import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** Sea green: what can be acted on. Shade 8 carries white text, shade 4 is read on dark. */
const sea: MantineColorsTuple = [
  '#e7f6f5',
  '#d3ebea',
  '#a6d7d6',
  '#74c2c0',
  '#4eb0ae',
  '#35a4a3',
  '#209d9c',
  '#0c8889',
  '#0a7476',
  '#015f63',
];
/** Signal red: off, danger, the mark. */
const signal: MantineColorsTuple = [
  '#ffece8',
  '#fdd8d1',
  '#f6afa2',
  '#f08470',
  '#eb6046',
  '#e84a2b',
  '#e53e1d',
  '#c82f11',
  '#b3290d',
  '#9d2008',
];
/** Ink: greys with a little blue. */
const ink: MantineColorsTuple = [
  '#f6f8f9',
  '#eceff2',
  '#dde3e8',
  '#c9d1d9',
  '#aab5c0',
  '#8492a0',
  '#5d6b7a',
  '#465361',
  '#303b47',
  '#1c242d',
];
const night: MantineColorsTuple = [
  '#dbe2e8',
  '#b9c4ce',
  '#98a6b3',
  '#7b8a98',
  '#3d4955',
  '#2c3640',
  '#212a33',
  '#161d24',
  '#10161c',
  '#0b1014',
];

export const theme = createTheme({
  primaryColor: 'sea',
  primaryShade: { light: 8, dark: 8 },
  colors: { sea, signal, red: signal, gray: ink, dark: night },
  black: '#1c242d',
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Liberation Mono', monospace",
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  fontSizes: { xs: '0.75rem', sm: '0.8438rem', md: '0.9375rem', lg: '1.0625rem', xl: '1.25rem' },
  defaultRadius: 'md',
  radius: { sm: '4px', md: '7px', lg: '11px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', allowDeselect: false, comboboxProps: { shadow: 'md' } } },
    Modal: {
      defaultProps: { centered: false, yOffset: '8dvh', overlayProps: { backgroundOpacity: 0.45, blur: 1 } },
    },
    Tooltip: {
      defaultProps: { withArrow: true, openDelay: 250, events: { hover: true, focus: true, touch: true } },
    },
    Badge: { defaultProps: { variant: 'light', tt: 'none', fw: 550 } },
    Anchor: { defaultProps: { underline: 'hover' } },
  },
});
