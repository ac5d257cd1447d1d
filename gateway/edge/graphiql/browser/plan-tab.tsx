/** The Plan tab: how the gateway answers the query, and how long each request to a subgraph took. */
import { useOperationsEditorState, useVariablesEditorState, type GraphiQLPlugin } from '@graphiql/react';
import { fetchPlan } from './fetcher.tsx';
import { setPlan, usePlan, type PlanReport } from './plan-store.tsx';
import { readToken } from './token-box.tsx';

export const planTab: GraphiQLPlugin = { title: 'Plan', icon: PlanIcon, content: PlanPane };

function PlanPane() {
  const plan = usePlan();
  const [query] = useOperationsEditorState();
  const [variables] = useVariablesEditorState();
  const onlyPlan = async () => {
    const text = await fetchPlan({ query, variables: parseVariables(variables) }, readToken()).catch((error: unknown) => String(error));
    setPlan({ text, fetches: [] });
  };
  return (
    <section className="plan" aria-label="Plan">
      <h2 className="plan-title">Plan</h2>
      <button type="button" className="graphiql-button" onClick={() => void onlyPlan()}>
        Plan without running
      </button>
      {plan === null ? <p>Run a query to see how it is answered.</p> : <PlanView {...plan} />}
    </section>
  );
}

function PlanView({ text, fetches }: PlanReport) {
  return (
    <>
      {fetches.length > 0 && (
        <table className="plan-times">
          <caption>Requests to subgraphs, in milliseconds</caption>
          <thead>
            <tr>
              <th scope="col">fetch</th>
              <th scope="col">subgraph</th>
              <th scope="col">entities</th>
              <th scope="col">after</th>
              <th scope="col">took</th>
            </tr>
          </thead>
          <tbody>
            {fetches.map(({ fetch, graph, startMs, durationMs, representations, outcome }) => (
              <tr key={fetch}>
                <td>F{fetch}</td>
                <td>{outcome === 'answered' ? graph : `${graph} (${outcome})`}</td>
                <td className="plan-number">{representations === 0 ? '' : representations}</td>
                <td className="plan-number">{startMs.toFixed(1)}</td>
                <td className="plan-number">{durationMs.toFixed(1)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <pre className="plan-text" tabIndex={0}>
        {text}
      </pre>
    </>
  );
}

function PlanIcon() {
  return (
    <svg viewBox="0 0 16 16" width="1em" height="1em" fill="none" stroke="currentColor" strokeWidth="1.3" aria-hidden="true">
      <circle cx="3" cy="8" r="1.9" />
      <circle cx="13" cy="3.2" r="1.9" />
      <circle cx="13" cy="12.8" r="1.9" />
      <path d="M4.8 7.1 11.2 4M4.8 8.9l6.4 3.1" />
    </svg>
  );
}

function parseVariables(text: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    return {};
  }
}
