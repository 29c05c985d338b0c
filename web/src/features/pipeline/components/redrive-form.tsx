import { RotateCw } from 'lucide-react';
import { useState } from 'react';
import { toProblem } from '@/api/problem';
import { Button } from '@/ui/button';
import { ProblemAlert } from '@/ui/empty-state';
import { Select } from '@/ui/select';
import { useRedrive, useTimeline } from '../api';
import { type ResumableStep, resumableSteps, stepLabel } from '../rules';

const FAILED_STEP = 'failed-step';

const options = [
  { id: FAILED_STEP, name: 'The step that failed' },
  ...resumableSteps.map((step) => ({ id: step as string, name: stepLabel({ step, state: 'waiting' }) })),
];

/** Starts a failed run again. Nothing that is done is paid for twice, unless one goes back further. */
export function RedriveForm({ titleId }: { titleId: string }) {
  const timeline = useTimeline(titleId);
  const redrive = useRedrive(titleId);
  const [from, setFrom] = useState(FAILED_STEP);
  if (!timeline.data?.redrivable) return null;

  const step = resumableSteps.find((each) => each === from) as ResumableStep | undefined;
  return (
    <section
      aria-label="Redrive"
      className="flex flex-col gap-4 rounded-2xl border border-surface-700 bg-surface-850 p-5"
    >
      <Select label="Start again at" options={options} value={from} onChange={setFrom} />
      {redrive.error && <ProblemAlert problem={toProblem(redrive.error)} />}
      <Button variant="primary" isPending={redrive.isPending} onPress={() => redrive.mutate(step)}>
        <RotateCw aria-hidden="true" className="size-4" /> Redrive
      </Button>
    </section>
  );
}
