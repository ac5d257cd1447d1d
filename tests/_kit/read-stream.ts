/** The text of a response as it comes, read up to what a test waits for. Exports `readStream`. */

export type StreamReader = {
  /** All text up to here, when it holds `mark`. Rejects when the stream ends without it. */
  until(mark: string): Promise<string>;
  /** All text, when the stream has ended. */
  rest(): Promise<string>;
  /** The client goes away. */
  leave(): Promise<void>;
};

export function readStream(response: Response): StreamReader {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  const more = async (): Promise<boolean> => {
    const step = await reader?.read();
    if (step === undefined || step.done) return false;
    text += decoder.decode(step.value, { stream: true });
    return true;
  };
  return {
    async until(mark) {
      while (!text.includes(mark)) if (!(await more())) throw new Error(`The stream ended without ${mark}: ${text}`);
      return text;
    },
    async rest() {
      while (await more());
      return text;
    },
    leave: async () => reader?.cancel(),
  };
}
