/**
 * The recommender of the mock: trains in seconds, and measures an experiment every few seconds where Marquee takes
 * hours.
 */
import type { Experiment, NewExperiment, Recommender, Retraining, RetrainRequest } from '../src/api/types';
import { metricsOf, modelOf, type RecommenderState, trained, version, worseReason } from './models.ts';
import { invalidFields, json, problem } from './responses.ts';

const TRAINING_MS = 8_000;
const MEASUREMENT_INTERVAL_MS = 5_000;
const DAY = 86_400_000;

interface RecommenderOptions {
  now: () => number;
  newId: () => string;
  /** Start without any model. */
  empty?: boolean;
}

export function createRecommender({ now, newId, empty = false }: RecommenderOptions) {
  const state: RecommenderState = empty
    ? { hyperparameters: {}, retrainings: [], experiments: [] }
    : trained(now(), newId);
  const iso = (at = now()) => new Date(at).toISOString();
  let versions = 200;
  let lastRequest: RetrainRequest = {};

  const runningRetraining = () => state.retrainings.find((run) => run.state === 'running');
  const runningExperiment = () => state.experiments.find(({ verdict }) => verdict === 'running');

  /** Ends runs and measures experiments that are due. */
  function advance(): void {
    const run = runningRetraining();
    if (run && now() >= Date.parse(run.started_at) + TRAINING_MS) endRun(run);
    const experiment = runningExperiment();
    if (experiment) measure(experiment);
  }

  function endRun(run: Retraining): void {
    const before = state.current?.metrics.ndcg_at_100;
    const metrics = metricsOf(Number(run.hyperparameters.dimensions ?? 64) < 8 ? 0.12 : (before ?? 0.28) + 0.004);
    Object.assign(run, { ended_at: iso(), metrics, model_version: version(versions++) });
    if (before && metrics.ndcg_at_100 < before * 0.95) {
      run.state = 'refused';
      run.sentence = worseReason(metrics.ndcg_at_100, before);
      return;
    }
    run.state = lastRequest.place === 'challenger' ? 'challenging' : 'promoted';
    const model = modelOf(run);
    if (!model) return;
    if (lastRequest.place === 'challenger') state.challenger = model;
    else {
      state.current = model;
      delete state.challenger;
    }
  }

  function measure(experiment: Experiment): void {
    const measurements = Math.floor((now() - Date.parse(experiment.started_at)) / MEASUREMENT_INTERVAL_MS);
    if (measurements === 0) return;
    const people = measurements * 45;
    const width = 6 / Math.sqrt(people);
    experiment.results = {
      measured_at: iso(Date.parse(experiment.started_at) + measurements * MEASUREMENT_INTERVAL_MS),
      people_shown: measurements * 60,
      people_measured: people,
      current: { people, titles: Math.round(people * 0.73) },
      challenger: { people, titles: Math.round(people * 0.94) },
      difference: { mean: 0.21, low: 0.21 - width, high: 0.21 + width },
      sample_ratio_mismatch: false,
    };
    if (people >= 100 && width < 0.21) {
      end(experiment, 'challenger_wins');
      state.hyperparameters = experiment.hyperparameters;
    } else if (people >= experiment.stop.people) end(experiment, 'no_difference');
  }

  function end(experiment: Experiment, verdict: Experiment['verdict']): void {
    Object.assign(experiment, { verdict, ended_at: iso() });
  }

  function retrain(request: RetrainRequest, personId: string): Response {
    const errors = Object.entries(request.hyperparameters ?? {}).flatMap(([name, value]) => {
      const pointer = `/hyperparameters/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (!/^[a-z0-9_]{1,256}$/.test(name)) {
        return [{ pointer, detail: 'is not the name of a hyperparameter: use a-z, 0-9 and _' }];
      }
      return /^.{1,2500}$/.test(value) ? [] : [{ pointer, detail: 'must be one line of 1 to 2500 characters' }];
    });
    if (errors.length > 0) return invalidFields(errors);
    const [run, experiment] = [runningRetraining(), runningExperiment()];
    if (run) return problem('conflict', `the retraining ${run.run_id} is running: wait for its end`);
    if (experiment) {
      return problem(
        'conflict',
        `the experiment ${experiment.experiment_id} compares two models, which must not change: wait for its end, or stop it`,
      );
    }
    if (request.place === 'challenger' && !state.current) {
      return problem('conflict', 'there is no trained model to challenge: retrain without `place` first');
    }
    lastRequest = request;
    const started: Retraining = {
      run_id: newId(),
      state: 'running',
      started_at: iso(),
      started_by: personId,
      hyperparameters: { ...state.hyperparameters, ...request.hyperparameters },
    };
    state.retrainings.unshift(started);
    return json({ run_id: started.run_id, state: 'running' }, 202);
  }

  function start(request: NewExperiment): Response {
    const { name, share_percent, stop } = request;
    const errors = [
      { pointer: '/name', detail: 'must be one line of 1 to 100 characters', valid: /^.{1,100}$/.test(name.trim()) },
      { pointer: '/share_percent', detail: 'must be from 1 to 100', valid: within(share_percent, 1, 100) },
      { pointer: '/stop/people', detail: 'must be from 100 to 500000', valid: within(stop.people, 100, 500_000) },
      { pointer: '/stop/days', detail: 'must be from 2 to 90', valid: within(stop.days, 2, 90) },
      {
        pointer: '/stop/window_days',
        detail: 'must be at least 1 and less than `days`',
        valid: !within(stop.days, 2, 90) || within(stop.window_days, 1, stop.days - 1),
      },
    ].flatMap(({ valid, ...error }) => (valid ? [] : [error]));
    if (errors.length > 0) return invalidFields(errors);
    const [run, experiment, { current, challenger }] = [runningRetraining(), runningExperiment(), state];
    if (experiment) {
      return problem('conflict', `the experiment ${experiment.experiment_id} is running: wait for its end, or stop it`);
    }
    if (run) return problem('conflict', `the retraining ${run.run_id} is running: wait for its end`);
    if (!current || !challenger) {
      return problem(
        'conflict',
        'there is no challenger: retrain with `"place": "challenger"` and the hyperparameters to compare with',
      );
    }
    const started: Experiment = {
      ...request,
      name: name.trim(),
      experiment_id: newId(),
      current: current.model_version,
      challenger: challenger.model_version,
      hyperparameters: state.retrainings.find(({ run_id }) => run_id === challenger.run_id)?.hyperparameters ?? {},
      verdict: 'running',
      started_at: iso(),
      ends_at: iso(now() + stop.days * DAY),
    };
    state.experiments.unshift(started);
    return json(started, 201);
  }

  function stopExperiment(id: string): Response {
    const experiment = state.experiments.find(({ experiment_id }) => experiment_id === id);
    if (!experiment) return problem('not-found', 'there is no such experiment');
    if (experiment.verdict === 'running') end(experiment, 'stopped');
    return json(experiment);
  }

  /** Handles a request of an admin; undefined if there is no such route. */
  function handle(method: string, path: string, body: unknown, personId: string): Response | undefined {
    advance();
    const stopId = /^\/api\/admin\/recommender\/experiments\/([^/]+)\/stop$/.exec(path)?.[1];
    if (stopId && method === 'POST') return stopExperiment(stopId);
    switch (`${method} ${path}`) {
      case 'GET /api/admin/recommender/status': {
        const run = runningRetraining();
        const recommender: Recommender = { ...state, ...(run && { active_run: run.run_id }) };
        return json({ ...recommender, retrainings: state.retrainings.slice(0, 30) });
      }
      case 'POST /api/admin/recommender/retrainings':
        return retrain(body as RetrainRequest, personId);
      case 'POST /api/admin/recommender/experiments':
        return start(body as NewExperiment);
      default:
        return undefined;
    }
  }

  return { handle };
}

function within(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
