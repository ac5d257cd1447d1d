/** GraphiQL's page: a token box above, example queries in tabs, a Plan tab beside History and Docs. Runs in the browser. */
import { GraphiQL } from 'graphiql';
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import './page.css';
import { createFetcher } from './fetcher.tsx';
import { planTab } from './plan-tab.tsx';
import { TokenBox, readToken } from './token-box.tsx';

type Settings = { readonly examples: readonly { readonly query: string; readonly variables: string | null }[] };

function Page({ examples }: Settings) {
  const [token, setToken] = useState(readToken);
  // The fetcher reads the token when it is called: GraphiQL keeps the one it was first given
  const [tokenNow] = useState(() => ({ text: token }));
  tokenNow.text = token;
  const [fetcher] = useState(() => createFetcher(() => tokenNow.text));
  return (
    <main className="page">
      <TokenBox token={token} onChange={setToken} />
      <div className="page-graphiql">
        <GraphiQL
          fetcher={fetcher}
          plugins={plugins}
          defaultTabs={toTabs(examples)}
          shouldPersistHeaders={false}
          defaultEditorToolsVisibility
        >
          <GraphiQL.Logo>
            <span className="page-title">industry router</span>
          </GraphiQL.Logo>
        </GraphiQL>
      </div>
    </main>
  );
}

/** The order of the sidebar; an array made anew with each render would be a new list of plugins to GraphiQL. */
const plugins = [planTab];

/** GraphiQL cannot begin without a tab. */
function toTabs(examples: Settings['examples']) {
  return examples.length === 0 ? [{ query: '{ __typename }' }] : [...examples];
}

/** In an editor Tab would indent, and who has only a keyboard could not get out again: here it moves on, as everywhere. */
function letTabLeaveEditors(): void {
  document.addEventListener(
    'keydown',
    (event) => {
      const isInEditor = event.target instanceof Element && event.target.closest('.CodeMirror') !== null;
      const choosesCompletion = document.querySelector('.CodeMirror-hints') !== null;
      if (event.key === 'Tab' && isInEditor && !choosesCompletion) event.stopPropagation();
    },
    { capture: true },
  );
}

const root = document.getElementById('page');
if (root) {
  letTabLeaveEditors();
  // Written by our own server beside this script
  const settings = JSON.parse(root.dataset['settings'] ?? '{"examples":[]}') as Settings;
  createRoot(root).render(
    <StrictMode>
      <Page {...settings} />
    </StrictMode>,
  );
}
