import { Repeat2, Swords } from 'lucide-react';
import { useState } from 'react';
import { toProblem } from '@/api/problem';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { ProblemAlert } from '@/ui/empty-state';
import { Field } from '@/ui/field';
import { Form, textsOf } from '@/ui/form';
import { RadioCards } from '@/ui/radio-cards';
import { useRetrain } from '../api';
import { lineErrors, parseHyperparameters } from '../rules';

const places = [
  {
    id: 'current',
    name: 'Takes the place',
    note: 'It serves everybody if it is not worse than the model before.',
    Icon: Repeat2,
  },
  {
    id: 'challenger',
    name: 'Stands beside',
    note: 'As a challenger: who gets it is up to an experiment.',
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
  const [asked, setAsked] = useState('');
  const problem = retrain.error && toProblem(retrain.error);
  const refused = problem ? lineErrors(asked, problem.fields) : '';

  return (
    <Form
      className="flex flex-col gap-6"
      validationErrors={refused === '' ? {} : { hyperparameters: refused }}
      onSubmit={(event) => {
        event.preventDefault();
        const { place, hyperparameters } = textsOf(event.currentTarget, 'place', 'hyperparameters');
        const told = parseHyperparameters(hyperparameters);
        if ('wrong' in told) return;
        setAsked(hyperparameters);
        retrain.mutate(
          { place: place === 'challenger' ? 'challenger' : 'current', hyperparameters: told.values },
          { onSuccess: onDone },
        );
      }}
    >
      <p className="text-secondary">
        It trains on the data of this moment, and is judged before anybody gets it. That takes some minutes.
      </p>
      <RadioCards label="The new model" name="place" choices={places} defaultValue="current" />
      <Field
        label="Hyperparameters"
        name="hyperparameters"
        rows={4}
        placeholder="dimensions=128"
        hint="One a line. What is not said here is as the last challenger that won was told, or else the trainer’s default."
        validate={(text) => {
          const told = parseHyperparameters(text);
          return 'wrong' in told ? told.wrong : null;
        }}
      />
      {problem && <ProblemAlert problem={problem} />}
      <div className="flex justify-end gap-3">
        <Button onPress={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" isPending={retrain.isPending}>
          Begin
        </Button>
      </div>
    </Form>
  );
}
