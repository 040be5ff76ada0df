// A sentence of a rule: titles to read, the machine's own names small beside them where somebody checks the rule.
import type { Piece } from './reading';

export function Sentence({ of, codes }: { of: Piece[]; codes?: boolean }) {
  return (
    <>{of.map((p, i) => {
      if (p.kind === 'words') return p.text;
      if (p.kind === 'code') return <code key={i}>{p.text}</code>;
      return <span key={i} className={`says-${p.kind}`} title={p.code}>{p.text}{codes && p.kind !== 'text' && p.code !== p.text && <code className="says-code">{p.code}</code>}</span>;
    })}</>
  );
}
