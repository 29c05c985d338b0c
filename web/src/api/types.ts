/** The words of the API under short names; everything else in the app imports them from here. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Me = Schemas['Me'];
export type Role = Me['roles'][number];
export type Title = Schemas['Title'];
export type TitleState = Title['state'];
export type Visibility = Title['visibility'];
export type Rendition = Title['renditions'][number];
export type TitlePage = Schemas['TitlePage'];
export type NewTitle = Schemas['CreateTitleRequest'];
export type TitleChanges = Schemas['UpdateTitleRequest'];
export type Timeline = Schemas['Timeline'];
export type TimelineStep = Timeline['steps'][number];
export type StepName = TimelineStep['step'];
export type StepState = TimelineStep['state'];
export type Quote = NonNullable<Timeline['quote']>;
export type Upload = Schemas['Upload'];
export type SignedPart = Schemas['SignedPart'];
export type Playback = Schemas['Playback'];
export type Progress = Schemas['ProgressRequest'];
export type Engagement = Schemas['Engagement'];
export type Feedback = NonNullable<Engagement['feedback']>;
export type Home = Schemas['Home'];
export type RecommendedRow = Home['rows'][number];
export type RecommendedTitle = RecommendedRow['items'][number];
export type Recommender = Schemas['Recommender'];
export type Model = Schemas['Model'];
export type ModelMetrics = Schemas['Metrics'];
export type Retraining = Schemas['Retraining'];
export type RetrainRequest = Schemas['RetrainRequest'];
export type Experiment = Schemas['Experiment'];
export type NewExperiment = Schemas['StartExperimentRequest'];
export type ExperimentResults = Schemas['Results'];
export type Interval = Schemas['Interval'];
export type Session = Schemas['Session'];
