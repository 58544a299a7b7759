import ClearIcon from '@mui/icons-material/Clear';
import SearchIcon from '@mui/icons-material/Search';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import IconButton from '@mui/material/IconButton';
import InputAdornment from '@mui/material/InputAdornment';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { useEffect, useRef, useState } from 'react';

export interface Facet {
  /** The parameter in the address. */
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
  /** Without options the facet is free text, such as a label. */
  readonly options?: readonly { readonly value: string; readonly text: string }[];
  readonly placeholder?: string;
  /** Set by other means, such as a button; here it can only be taken away. */
  readonly chipOnly?: boolean;
}

interface FacetBarProps {
  readonly search?: { readonly label: string; readonly value: string };
  readonly facets: readonly Facet[];
  readonly dropped: readonly string[];
  readonly onChange: (changes: Readonly<Record<string, string | undefined>>, replace?: boolean) => void;
}

/** Search and facets over a list. What filters is also a chip that takes it away, whatever put it in the address. */
export function FacetBar({ search, facets, dropped, onChange }: FacetBarProps) {
  const set = facets.filter((facet) => facet.value !== undefined);
  const count = set.length + (search !== undefined && search.value !== '' ? 1 : 0);
  const clear = () => {
    const names = [...facets.map(({ name }) => name), 'q'];
    onChange(Object.fromEntries(names.map((name) => [name, undefined] as const)));
  };
  return (
    <Box sx={{ display: 'grid', gap: 1.25, mb: 2 }}>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1.25, alignItems: 'center' }}>
        {search !== undefined && (
          <SearchField
            label={search.label}
            value={search.value}
            onChange={(text) => onChange({ q: text === '' ? undefined : text }, true)}
          />
        )}
        {facets
          .filter(({ chipOnly }) => chipOnly !== true)
          .map((facet) =>
            facet.options === undefined ? (
              <TextFacet key={facet.name} facet={facet} onChange={(value) => onChange({ [facet.name]: value })} />
            ) : (
              <TextField
                key={facet.name}
                select
                label={facet.label}
                value={facet.value ?? ''}
                onChange={(event) => onChange({ [facet.name]: event.target.value || undefined })}
                sx={{ width: 168, flex: { xs: '1 1 40%', sm: '0 0 auto' } }}
                slotProps={{ inputLabel: { shrink: true }, select: { displayEmpty: true } }}
              >
                <MenuItem value="">Any</MenuItem>
                {withCurrent(facet).map((option) => (
                  <MenuItem key={option.value} value={option.value}>
                    {option.text}
                  </MenuItem>
                ))}
              </TextField>
            ),
          )}
      </Box>
      {count > 0 && (
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
          {search !== undefined && search.value !== '' && (
            <Chip size="small" label={`Name has: ${search.value}`} onDelete={() => onChange({ q: undefined })} />
          )}
          {set.map((facet) => (
            <Chip
              key={facet.name}
              size="small"
              label={`${facet.label}: ${textOf(facet)}`}
              onDelete={() => onChange({ [facet.name]: undefined })}
            />
          ))}
          <Button size="small" onClick={clear}>
            Clear filters
          </Button>
        </Box>
      )}
      {dropped.length > 0 && (
        <Alert severity="info" variant="outlined">
          The address asks for something that this list does not know, so it was left out: {dropped.join(', ')}.
        </Alert>
      )}
    </Box>
  );
}

const TYPING_PAUSE_MS = 300;

function SearchField(props: { readonly label: string; readonly value: string; onChange: (text: string) => void }) {
  const { label, value, onChange } = props;
  const [text, setText] = useState(value);
  const [shownValue, setShownValue] = useState(value);
  if (shownValue !== value) {
    // The address changed under the field: by Back, or by taking the chip away.
    setShownValue(value);
    setText(value);
  }
  const pending = useRef<number | undefined>(undefined);
  useEffect(() => () => window.clearTimeout(pending.current), []);
  const type = (next: string, pauseMs: number) => {
    setText(next);
    window.clearTimeout(pending.current);
    pending.current = window.setTimeout(() => onChange(next.trim()), pauseMs);
  };
  return (
    <TextField
      type="search"
      label={label}
      value={text}
      onChange={(event) => type(event.target.value, TYPING_PAUSE_MS)}
      sx={{ flex: '1 1 240px', maxWidth: { sm: 360 }, '& input::-webkit-search-cancel-button': { display: 'none' } }}
      slotProps={{
        input: {
          startAdornment: (
            <InputAdornment position="start">
              <SearchIcon fontSize="small" />
            </InputAdornment>
          ),
          endAdornment: text !== '' && (
            <InputAdornment position="end">
              <IconButton size="small" edge="end" aria-label="Clear the search" onClick={() => type('', 0)}>
                <ClearIcon fontSize="small" />
              </IconButton>
            </InputAdornment>
          ),
        },
      }}
    />
  );
}

function TextFacet({ facet, onChange }: { readonly facet: Facet; onChange: (value: string | undefined) => void }) {
  return (
    <TextField
      key={facet.value ?? ''}
      label={facet.label}
      defaultValue={facet.value ?? ''}
      placeholder={facet.placeholder ?? ''}
      onBlur={(event) => {
        if (event.target.value.trim() !== (facet.value ?? '')) onChange(event.target.value.trim() || undefined);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') (event.target as HTMLElement).blur();
      }}
      sx={{ width: 190, flex: { xs: '1 1 40%', sm: '0 0 auto' } }}
      slotProps={{ inputLabel: { shrink: true } }}
    />
  );
}

/** A value in the address may be none of the options, a type that is gone for example; it is shown all the same. */
function withCurrent(facet: Facet): readonly { value: string; text: string }[] {
  const options = facet.options ?? [];
  const { value } = facet;
  return value === undefined || options.some((option) => option.value === value)
    ? options
    : [...options, { value, text: value }];
}

function textOf(facet: Facet): string {
  return facet.options?.find((option) => option.value === facet.value)?.text ?? facet.value ?? '';
}
