package dev.credence.methods.training;

import dev.credence.core.posterior.MirrorDescent;
import dev.credence.core.training.StepReport;
import dev.credence.core.training.TrainablePolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Natural-gradient ascent where probabilities are a network's (docs/theory.md#mirror-descent): the natural step is the change of log π
 * that regresses best on the advantages of the policy's own texts (Kakade 2002; Peters and Schaal 2008). The sum of all steps so far is
 * λ_t r, so each step draws texts and descends ½ Var(ℓ − λ_t r) among a prompt's, with a few steps of the optimiser; what one fit
 * misses the next one makes good.
 */
final class NaturalFitTraining implements Training {
    private static final String STATE = "natural fit";

    private final TrainablePolicy policy;
    private final RolloutSource source;
    private final MirrorDescent walk;
    private final int epochs;
    private final double target;
    private long steps;
    private long modelCalls;
    private boolean reached;

    NaturalFitTraining(TrainablePolicy policy, RolloutSource source, MirrorDescent walk, int epochs, double target) {
        this.policy = policy;
        this.source = source;
        this.walk = walk;
        this.epochs = epochs;
        this.target = target;
    }

    @Override
    public TrainingStep step(RandomGenerator random) {
        Rollouts texts = source.next(policy, random);
        double kl = texts.mean(texts.logRatios());
        reached = kl >= target;
        double copies = walk.lambdaAfter(++steps);
        double loss = Double.NaN;
        double norm = 0;
        double moved = 0;
        modelCalls += 2L * texts.drawn();
        for (int epoch = 0; epoch < epochs && !reached; epoch++) {
            double[] missed = {Double.NaN, 0};
            StepReport report = policy.step(texts.batch(), logProbs -> {
                double[] off = off(texts, logProbs, copies);
                missed[0] = texts.mean(Arrays.stream(off).map(x -> x * x / 2).toArray());
                missed[1] = texts.movedKl(logProbs);
                double[][] weights = new double[logProbs.length][];
                for (int i = 0; i < weights.length; i++) {
                    weights[i] = new double[logProbs[i].length];
                    Arrays.fill(weights[i], -texts.measure()[i] * off[i]);
                }
                return weights;
            });
            loss = epoch == 0 ? missed[0] : loss;
            moved = missed[1];
            norm = report.gradientNorm();
            modelCalls += texts.drawn();
        }
        TrainingStep.Signals signals = TrainingStep.Signals.of(Double.isNaN(loss) ? 0 : loss, texts.entropy())
                .with(RolloutConditional.of(policy, texts));
        return new TrainingStep(
                steps, texts.mean(texts.reward()), kl, moved, norm, walk.beta(), 0, modelCalls, signals);
    }

    /** (n) ℓ − λr less its mean among the prompt's texts, nats. */
    private static double[] off(Rollouts texts, double[][] logProbs, double copies) {
        double[] off = new double[logProbs.length];
        double[] sum = new double[texts.prompts()];
        double[] mass = new double[texts.prompts()];
        for (int i = 0; i < off.length; i++) {
            off[i] =
                    Rollouts.sum(logProbs[i]) - Rollouts.sum(texts.referenceLogProbs()[i]) - copies * texts.reward()[i];
            sum[texts.prompt()[i]] += texts.measure()[i] * off[i];
            mass[texts.prompt()[i]] += texts.measure()[i];
        }
        for (int i = 0; i < off.length; i++) {
            off[i] -= sum[texts.prompt()[i]] / mass[texts.prompt()[i]];
        }
        return off;
    }

    @Override
    public boolean isConverged() {
        return reached;
    }

    @Override
    public void save(OutputStream out) throws IOException {
        new NaturalProgress(steps, modelCalls, reached).save(STATE, out);
    }

    @Override
    public void restore(InputStream in) throws IOException {
        NaturalProgress saved = NaturalProgress.read(STATE, in);
        steps = saved.steps();
        modelCalls = saved.modelCalls();
        reached = saved.reached();
    }
}
