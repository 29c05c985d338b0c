import { RotateCw } from 'lucide-react';
import { useState } from 'react';
import { toProblem } from '@/api/problem';
import { Button } from '@/ui/button';
import { ProblemAlert } from '@/ui/problem-panel';
import { Select } from '@/ui/select';
import { useRedrive, useTimeline } from '../api';
import { type ResumableStep, resumableSteps, stepLabel } from '../rules';

const FAILED_STEP = 'failed-step';

const options = [
  { id: FAILED_STEP, name: 'The step that stopped' },
  ...resumableSteps.map((step) => ({ id: step as string, name: stepLabel({ step, state: 'waiting' }) })),
];

/** Runs a failed title again. Finished steps are reused, unless the user restarts from an earlier one. */
export function RedriveForm({ titleId }: { titleId: string }) {
  const timeline = useTimeline(titleId);
  const redrive = useRedrive(titleId);
  const [from, setFrom] = useState(FAILED_STEP);
  if (!timeline.data?.redrivable) return null;

  const step = resumableSteps.find((each) => each === from) as ResumableStep | undefined;
  return (
    <section
      aria-label="Run again"
      className="flex flex-col gap-4 rounded-2xl border border-surface-700 bg-surface-850 p-5"
    >
      <Select label="Restart from" options={options} value={from} onChange={setFrom} />
      {redrive.error && <ProblemAlert problem={toProblem(redrive.error)} />}
      <Button variant="primary" isPending={redrive.isPending} onPress={() => redrive.mutate(step)}>
        <RotateCw aria-hidden="true" className="size-4" /> Run again
      </Button>
    </section>
  );
}
