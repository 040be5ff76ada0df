import { type ReactNode, useEffect, useId, useRef, useState } from 'react';

/** A button with a panel below it; Escape and a click outside close it, and the focus goes back to the button. */
export function Pop({ label, className, children, align = 'right', testid, title }: {
  label: ReactNode; className?: string; children: (close: () => void) => ReactNode; align?: 'left' | 'right'; testid?: string; title?: string;
}) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) setOpen(false);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key === 'Escape') close();
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('keydown', key);
    box.current?.querySelector<HTMLElement>('.pop-panel :is(button, select, input, a)')?.focus();
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('keydown', key);
    };
  }, [open]);
  return (
    <div className="pop" ref={box}>
      <button ref={button} type="button" className={className ?? 'bar-btn'} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)} data-testid={testid} title={title}>{label}</button>
      {open && <div className={`pop-panel ${align}`} id={id} role="dialog" aria-label={title}>{children(close)}</div>}
    </div>
  );
}
