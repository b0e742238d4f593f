import { json, jsonParseLinter } from '@codemirror/lang-json';
import { linter, lintGutter } from '@codemirror/lint';
import { EditorView } from '@codemirror/view';
import { useComputedColorScheme } from '@mantine/core';
import CodeMirror from '@uiw/react-codemirror';
import { nonce } from '~/app/nonce';
import type { JsonEditorProps } from './JsonEditor';
import classes from './JsonEditor.module.css';

export default function JsonEditorField({
  value,
  onChange,
  label,
  minHeight = '120px',
  maxHeight = '420px',
  plain = false,
}: JsonEditorProps) {
  const scheme = useComputedColorScheme('light');
  return (
    <CodeMirror
      className={classes.editor}
      value={value}
      onChange={onChange}
      readOnly={!onChange}
      theme={scheme}
      minHeight={minHeight}
      maxHeight={maxHeight}
      basicSetup={{ lineNumbers: !plain, foldGutter: false, highlightActiveLine: false, tabSize: 2 }}
      indentWithTab={false}
      extensions={[
        json(),
        ...(onChange ? [linter(jsonParseLinter()), ...(plain ? [] : [lintGutter()])] : []),
        EditorView.lineWrapping,
        EditorView.cspNonce.of(nonce),
        EditorView.contentAttributes.of({ 'aria-label': label }),
      ]}
    />
  );
}
