/** Combines calls made at about the same time into few requests. */
export function batched<Question, Answer>(
  ask: (questions: Question[]) => Promise<Answer[]>,
  find: (answers: Answer[], question: Question) => Answer | undefined,
  { max, waitMs }: { max: number; waitMs: number },
): (question: Question) => Promise<Answer> {
  interface Waiting {
    question: Question;
    resolve: (answer: Answer) => void;
    reject: (thrown: unknown) => void;
  }
  let queue: Waiting[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const send = async () => {
    clearTimeout(timer);
    timer = undefined;
    const sent = queue;
    queue = [];
    try {
      const answers = await ask(sent.map(({ question }) => question));
      for (const { question, resolve, reject } of sent) {
        const found = find(answers, question);
        if (found === undefined) reject(new Error('the response lacks an item'));
        else resolve(found);
      }
    } catch (thrown) {
      for (const { reject } of sent) reject(thrown);
    }
  };

  return (question) =>
    new Promise((resolve, reject) => {
      queue.push({ question, resolve, reject });
      if (queue.length >= max) void send();
      else timer ??= setTimeout(() => void send(), waitMs);
    });
}
