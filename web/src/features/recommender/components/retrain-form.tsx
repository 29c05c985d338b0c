import { Repeat2, Swords } from 'lucide-react';
import { useState } from 'react';
import { toProblem } from '@/api/problem';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { Form, textsOf } from '@/ui/form';
import { FormProblem } from '@/ui/form-problem';
import { RadioCards } from '@/ui/radio-cards';
import { useRetrain } from '../api';
import { lineErrors, parseHyperparameters } from '../rules';

const roles = [
  {
    id: 'current',
    name: 'Replace the current model',
    note: 'It goes live for everyone unless it is worse.',
    Icon: Repeat2,
  },
  {
    id: 'challenger',
    name: 'Run as challenger',
    note: 'No viewer gets it until an experiment compares it with the current model.',
    Icon: Swords,
  },
];

interface RetrainDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

export function RetrainDialog({ isOpen, onClose }: RetrainDialogProps) {
  return (
    <Dialog title="Retrain" isOpen={isOpen} onClose={onClose}>
      <RetrainForm onDone={onClose} />
    </Dialog>
  );
}

function RetrainForm({ onDone }: { onDone: () => void }) {
  const retrain = useRetrain();
  const [submitted, setSubmitted] = useState('');
  const problem = retrain.error && toProblem(retrain.error);
  const refused = problem ? lineErrors(submitted, problem.fields) : '';

  return (
    <Form
      className="flex flex-col gap-6"
      validationErrors={refused === '' ? {} : { hyperparameters: refused }}
      onSubmit={(event) => {
        event.preventDefault();
        const { place, hyperparameters } = textsOf(event.currentTarget, 'place', 'hyperparameters');
        const parsed = parseHyperparameters(hyperparameters);
        if ('error' in parsed) return;
        setSubmitted(hyperparameters);
        retrain.mutate(
          { place: place === 'challenger' ? 'challenger' : 'current', hyperparameters: parsed.values },
          { onSuccess: onDone },
        );
      }}
    >
      <p className="text-secondary">
        Trains on current data and checks the new model before anyone gets it. This takes a few minutes.
      </p>
      <RadioCards label="New model" name="place" choices={roles} defaultValue="current" />
      <Field
        label="Hyperparameters"
        name="hyperparameters"
        rows={4}
        placeholder="dimensions=128"
        hint="One per line. Anything you leave out uses the last winning challenger’s value, or else the default."
        validate={(text) => {
          const parsed = parseHyperparameters(text);
          return 'error' in parsed ? parsed.error : null;
        }}
      />
      <FormProblem problem={problem} />
      <div className="flex justify-end gap-3">
        <Button onPress={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" isPending={retrain.isPending}>
          {' '}
          Start
        </Button>
      </div>
    </Form>
  );
}
