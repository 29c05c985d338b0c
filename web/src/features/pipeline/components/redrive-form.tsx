import { RotateCw } from 'lucide-react';
import { useState } from 'react';
import { problemIn } from '@/api/problem';
import { Button } from '@/ui/button';
import { ProblemNote } from '@/ui/empty-state';
import { Select } from '@/ui/select';
import { useRedrive, useTimeline } from '../api';
import { type ResumableStep, resumableSteps, stepSays } from '../rules';

const WHERE_IT_FAILED = 'failed-step';

const options = [
  { id: WHERE_IT_FAILED, name: 'The step that failed' },
  ...resumableSteps.map((step) => ({ id: step as string, name: stepSays({ step, state: 'waiting' }) })),
];

/** Starts a failed run again. Nothing that is done is paid for twice, unless one goes back further. */
export function RedriveForm({ titleId }: { titleId: string }) {
  const timeline = useTimeline(titleId);
  const redrive = useRedrive(titleId);
  const [from, setFrom] = useState(WHERE_IT_FAILED);
  if (!timeline.data?.redrivable) return null;

  const step = resumableSteps.find((each) => each === from) as ResumableStep | undefined;
  return (
    <section
      aria-label="Redrive"
      className="flex flex-col gap-4 rounded-2xl border border-surface-700 bg-surface-850 p-5"
    >
      <Select label="Start again at" options={options} value={from} onChange={setFrom} />
      {redrive.error && <ProblemNote problem={problemIn(redrive.error)} />}
      <Button look="primary" isPending={redrive.isPending} onPress={() => redrive.mutate(step)}>
        <RotateCw aria-hidden="true" className="size-4" /> Redrive
      </Button>
    </section>
  );
}
