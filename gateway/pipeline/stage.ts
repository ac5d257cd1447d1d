/**
 * A pipeline is an ordered list of stages. Each stage reads what earlier ones found out and adds its own findings under new names; the
 * types see to the order. Exports `Pipeline` and `Stage`.
 */

export type Stage<Needs, Gives, Hub> = {
  readonly name: string;
  readonly run: (state: Needs, hub: Hub) => Gives | Promise<Gives>;
};

export class Pipeline<Start extends object, State extends object, Hub> {
  readonly stageNames: readonly string[];
  // Each entry was checked against the state before it when it was added
  readonly #stages: readonly Stage<never, object, Hub>[];

  private constructor(stages: readonly Stage<never, object, Hub>[]) {
    this.#stages = stages;
    this.stageNames = stages.map(({ name }) => name);
  }

  static startingWith<Start extends object, Hub>(): Pipeline<Start, Start, Hub> {
    return new Pipeline([]);
  }

  add<Gives extends object>(stage: Stage<State, Gives, Hub>): Pipeline<Start, State & Gives, Hub> {
    return new Pipeline([...this.#stages, stage]);
  }

  /** Runs the stages one after the other; what a stage throws ends the run. The findings so far stay readable in `state`. */
  async run(start: Start, hub: Hub): Promise<State> {
    const state: object = start;
    for (const stage of this.#stages) {
      // By construction the state holds what this stage needs
      const given = stage.run(state as never, hub);
      Object.assign(state, given instanceof Promise ? await given : given);
    }
    // Every stage has run
    return state as State;
  }
}
