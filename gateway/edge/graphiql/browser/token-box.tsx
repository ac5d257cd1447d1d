/** Where the token goes. It is kept for this browser tab only and sent as `Authorization: Bearer …`. */
import { useId, useState } from 'react';

const storageKey = 'token';

export function readToken(): string {
  return sessionStorage.getItem(storageKey) ?? '';
}

export function TokenBox({ token, onChange }: { readonly token: string; readonly onChange: (token: string) => void }) {
  const id = useId();
  const [shown, setShown] = useState(false);
  const change = (text: string) => {
    const trimmed = text.trim().replace(/^bearer\s+/i, '');
    sessionStorage.setItem(storageKey, trimmed);
    onChange(trimmed);
  };
  return (
    <form className="token-box" onSubmit={(event) => event.preventDefault()}>
      <label htmlFor={id}>Token</label>
      <input
        id={id}
        type={shown ? 'text' : 'password'}
        value={token}
        placeholder="none: the read-only visitor. Print one with: npm run token"
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => change(event.target.value)}
      />
      <button type="button" aria-pressed={shown} onClick={() => setShown(!shown)}>
        {shown ? 'Hide' : 'Show'}
      </button>
      <button type="button" disabled={token === ''} onClick={() => change('')}>
        Clear
      </button>
    </form>
  );
}
