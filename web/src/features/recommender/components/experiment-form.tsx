import { Shuffle, SquareSplitHorizontal } from 'lucide-react';
import { toProblem } from '@/api/problem';
import type { NewExperiment } from '@/api/types';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Form, textsOf } from '@/ui/form';
import { FormProblem } from '@/ui/form-problem';
import { RadioCards } from '@/ui/radio-cards';
import { Select } from '@/ui/select';
import { useStartExperiment } from '../api';
import { bounds, designs, metricNames, numberError } from '../rules';

const designChoices = [
  { id: 'interleaving', ...designs.interleaving, Icon: Shuffle },
  { id: 'split', ...designs.split, Icon: SquareSplitHorizontal },
];

const metricOptions = Object.entries(metricNames).map(([id, name]) => ({ id, name }));

interface ExperimentDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

export function ExperimentDialog({ isOpen, onClose }: ExperimentDialogProps) {
  return (
    <Dialog title="Start an experiment" isOpen={isOpen} onClose={onClose}>
      <ExperimentForm onDone={onClose} />
    </Dialog>
  );
}

function ExperimentForm({ onDone }: { onDone: () => void }) {
  const start = useStartExperiment();
  const problem = start.error && toProblem(start.error);

  return (
    <Form
      className="flex flex-col gap-5"
      validationErrors={problem?.fields ?? {}}
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate(experimentOf(event.currentTarget), { onSuccess: onDone });
      }}
    >
      <Field label="Name" name="name" isRequired maxLength={100} hint="What it compares, such as “More dimensions”." />
      <RadioCards label="Design" name="design" choices={designChoices} defaultValue="interleaving" />
      <Select label="Metric" name="metric" options={metricOptions} defaultValue="watched" />
      <div className="grid gap-5 min-[26rem]:grid-cols-2">
        <NumberField label="Share of viewers (%)" name="share_percent" initial="50" within={bounds.share_percent} />
        <NumberField label="Stop after (viewers)" name="stop/people" initial="1000" within={bounds.people} />
        <NumberField label="Stop after (days)" name="stop/days" initial="28" within={bounds.days} />
        <NumberField
          label="Measure each viewer for (days)"
          name="stop/window_days"
          initial="7"
          within={bounds.window_days}
        />
      </div>
      <p className="text-sm text-muted">
        A viewer is measured from their first recommendation in the experiment on; this has to take fewer days than the
        experiment. It ends when the difference is clear, when enough viewers are measured, or after its days. No
        retraining runs until then.
      </p>
      <FormProblem problem={problem} />
      <div className="flex justify-end gap-3">
        <Button onPress={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" isPending={start.isPending}>
          {' '}
          Start
        </Button>
      </div>
    </Form>
  );
}

interface NumberFieldProps {
  label: string;
  /** The field’s name in the API. */
  name: string;
  initial: string;
  within: readonly [number, number];
}

function NumberField({ label, name, initial, within }: NumberFieldProps) {
  return (
    <Field
      label={label}
      name={name}
      defaultValue={initial}
      inputMode="numeric"
      isRequired
      validate={(text) => numberError(text, within)}
    />
  );
}

function experimentOf(form: HTMLFormElement): NewExperiment {
  const texts = textsOf(
    form,
    'name',
    'design',
    'metric',
    'share_percent',
    'stop/people',
    'stop/days',
    'stop/window_days',
  );
  return {
    name: texts.name.trim(),
    design: texts.design === 'split' ? 'split' : 'interleaving',
    metric: texts.metric === 'started' || texts.metric === 'liked' ? texts.metric : 'watched',
    share_percent: Number(texts.share_percent),
    stop: {
      people: Number(texts['stop/people']),
      days: Number(texts['stop/days']),
      window_days: Number(texts['stop/window_days']),
    },
  };
}
