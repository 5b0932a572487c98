package dev.credence.methods;

import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.PosteriorDraws;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.PrefixLimitException;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.model.SoftValues;
import dev.credence.core.posterior.Aim;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.provenance.InputException;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A model conditioned by sequential Monte Carlo: its draws are particles of runs, and whole runs tell of log Z as well. */
public final class ParticleModel implements ConditionedModel {
    private static final double ROUNDING = 1e-9; // nats

    private final Smc how;
    private final PredictiveModel prior;
    private final DrawnEvidence asked;
    private final int horizon;
    private final ParticleFilter filter;
    private final Map<IntBuffer, Twist> twists = new HashMap<>();
    private final Map<IntBuffer, TwistHead> given = new HashMap<>();
    private final Map<IntBuffer, Search> searches = new HashMap<>();

    ParticleModel(Smc how, PredictiveModel prior, DrawnEvidence asked, int horizon) {
        this.how = how;
        this.prior = prior;
        this.asked = asked;
        this.horizon = horizon;
        this.filter = new ParticleFilter(prior, asked, horizon, how);
    }

    /** What a search for one prompt's soft values came to. */
    private record Search(
            @Nullable SoftValues values, @Nullable PosteriorDraws draws, String why) {}

    @Override
    public Aim aim() {
        return how.aim(asked.rewardType());
    }

    /** {@return K} */
    public int particles() {
        return how.particles();
    }

    /** {@return λ = 1/β, copies of the evidence} */
    public double copies() {
        return how.copies();
    }

    /**
     * Independent runs. The first for a prompt learns its twist, where one is to be learned; all others use that.
     *
     * @param prompt token ids, at least one
     * @param n how many
     * @param random source of randomness; one long is taken from it, and run i is the same for every n &gt; i
     * @return (n) runs; the estimate of Z is unbiased
     * @throws InputException if exact twists are asked for and cannot be had
     * @throws NoPosteriorException if there is nothing to learn a twist from
     */
    public List<ParticleRun> runs(int[] prompt, int n, RandomGenerator random) {
        long seed = random.nextLong();
        return filter.runs(prompt, twist(prompt, seed), n, null, seed);
    }

    /**
     * Independent runs in each of which one particle is an exact draw of the posterior: the mean of their log estimate is at least log Z.
     *
     * @param prompt token ids, at least one
     * @param n how many
     * @param random source of randomness; two longs are taken from it
     * @return (n) runs
     * @throws IllegalStateException if there are no exact draws; {@link #whyNoDraws} says why
     */
    public List<ParticleRun> runsFromPosterior(int[] prompt, int n, RandomGenerator random) {
        PosteriorDraws draws = search(prompt).draws;
        if (draws == null) {
            throw new IllegalStateException("no exact draws: " + whyNoDraws(prompt));
        }
        List<PosteriorDraws.Drawn> retained = draws.draw(n, random);
        long seed = random.nextLong();
        return filter.runs(prompt, twist(prompt, seed), n, retained, seed);
    }

    /**
     * Why there are no exact draws of the posterior.
     *
     * @param prompt token ids, at least one
     * @return the reason; empty where there are
     */
    public String whyNoDraws(int[] prompt) {
        return search(prompt).why;
    }

    /**
     * What a search knows of log Z.
     *
     * @param prompt token ids, at least one
     * @return nats; both ends are one number where all was enumerated, unbounded where it was not
     */
    public LogBounds logPartition(int[] prompt) {
        SoftValues values = search(prompt).values;
        return values == null ? LogBounds.UNBOUNDED : values.logPartition();
    }

    /** {@return draws of the prior that a prompt's twist is learned from; 0 of others} */
    public int learningDraws() {
        boolean learns = how.twist() == Smc.Expected.LEARNED && given.isEmpty();
        return learns
                ? how.twistDraws() * (how.twistLoss() == Smc.TwistLoss.TABLE ? 1 : 2)
                : 0; // a head reads them as well
    }

    /**
     * The twist heads that runs have learned so far.
     *
     * @return prompt to its head
     */
    public Map<IntBuffer, TwistHead> heads() {
        Map<IntBuffer, TwistHead> heads = new HashMap<>();
        twists.forEach((prompt, twist) -> {
            if (twist instanceof TwistHead head) {
                heads.put(prompt, head);
            }
        });
        return heads;
    }

    /**
     * Uses twist heads that were learned before, in the place of learning any.
     *
     * @param learned prompt to its head
     */
    public void use(Map<IntBuffer, TwistHead> learned) {
        given.putAll(learned);
    }

    /** {@return whether draws are those of the posterior itself: proposals and twists are exact} */
    @Override
    public boolean isAtAim() {
        return how.isTwisted() && how.twist() == Smc.Expected.EXACT;
    }

    @Override
    public Drawn sample(int[] prompt, int n, long mostDraws, RandomGenerator random) {
        int learning = learningDraws();
        int most = (int) Math.min(n, Math.max(0, (mostDraws - learning) / how.particles()));
        SplittableRandom choices = new SplittableRandom(random.nextLong());
        List<Text> texts = new ArrayList<>();
        for (ParticleRun run : runs(prompt, most, random)) {
            if (!run.isAlive()) {
                throw new NoPosteriorException(
                        "none of " + how.particles()
                                + " particles has the evidence: it is impossible under the prior, or more particles are needed");
            }
            texts.add(run.draw(choices));
        }
        long drawn = learning + (long) most * how.particles();
        return new Drawn(texts, drawn, drawn, new double[0], most < n);
    }

    /** Known where twist and proposal are exact: E − log Z. */
    @Override
    public double logRatio(int[] prompt, Sample text) {
        return isAtAim()
                ? how.copies() * asked.logLikelihoods(prompt, List.of(text))[0]
                        - logPartition(prompt).upper()
                : Double.NaN;
    }

    private Twist twist(int[] prompt, long seed) {
        return twists.computeIfAbsent(IntBuffer.wrap(prompt), key -> make(prompt, new SplittableRandom(~seed)));
    }

    private Twist make(int[] prompt, RandomGenerator random) {
        @Nullable
        TokenEvidence evidence =
                asked.onTokens(prompt).map(one -> one.times(how.copies())).orElse(null);
        Twist soFar = evidence == null ? Twist.NONE : Twist.soFar(evidence);
        switch (how.twist()) {
            case NONE -> {
                return soFar;
            }
            case EXACT -> {
                Search search = search(prompt);
                SoftValues values = search.values;
                if (values == null || evidence == null) {
                    throw noExactTwist(search.why);
                }
                LogBounds logZ = values.logPartition();
                if (!(logZ.upper() - logZ.lower() <= ROUNDING)) {
                    throw noExactTwist("log Z is only known between " + logZ.lower() + " and " + logZ.upper());
                }
                return Twist.exact(values, evidence);
            }
            case LEARNED -> {
                TwistHead known = given.get(IntBuffer.wrap(prompt));
                if (known != null) {
                    return known.on(soFar);
                }
                List<Sample> drawn = prior.sample(prompt, how.twistDraws(), Sampling.upTo(horizon), random);
                double[] values = asked.logLikelihoods(prompt, drawn);
                boolean hasAny = false;
                for (int i = 0; i < values.length; i++) {
                    values[i] *= how.copies();
                    hasAny |= values[i] > Double.NEGATIVE_INFINITY;
                }
                if (!hasAny) {
                    throw InputException.ofSetting(
                            "twist",
                            "learned",
                            "none of " + how.twistDraws()
                                    + " draws of the prior has the evidence: there is nothing to learn"
                                    + " from; exact works where texts are few, none always");
                }
                return switch (how.twistLoss()) {
                    case TABLE -> new LearnedTwist(soFar, drawn, values, horizon);
                    case CONTRASTIVE, SOFT_RL ->
                        TwistHead.learn(
                                prior,
                                new TwistHead.Lesson(prompt, drawn, values, evidence),
                                horizon,
                                how.twistLoss() == Smc.TwistLoss.SOFT_RL
                                        ? TwistHead.Loss.SOFT_RL
                                        : TwistHead.Loss.CONTRASTIVE);
                };
            }
        }
        throw new IllegalStateException("no twist " + how.twist());
    }

    private static InputException noExactTwist(String why) {
        return InputException.ofSetting("twist", "exact", why + "; learned and none need no search");
    }

    private Search search(int[] prompt) {
        return searches.computeIfAbsent(IntBuffer.wrap(prompt), key -> {
            SoftValues.Extent extent = new SoftValues.Extent(prompt, horizon);
            try {
                SoftValues values = asked.softValues(prior, extent, how.copies());
                LogBounds logZ = values.logPartition();
                if (logZ.upper() == Double.NEGATIVE_INFINITY) {
                    throw new NoPosteriorException("the evidence was never seen under the prior up to " + horizon
                            + " tokens: there is nothing to condition on");
                }
                if (!(logZ.upper() - logZ.lower() <= PosteriorDraws.WIDEST)) {
                    return new Search(
                            values,
                            null,
                            "exact draws need log Z within " + PosteriorDraws.WIDEST
                                    + " nats, and the search that was made knows it between " + logZ.lower() + " and "
                                    + logZ.upper());
                }
                TokenEvidence evidence = asked.onTokens(prompt).orElseThrow().times(how.copies());
                return new Search(values, new PosteriorDraws(prior, evidence, extent, values), "");
            } catch (NoPosteriorException e) {
                throw e;
            } catch (PrefixLimitException e) {
                return new Search(null, null, "there are too many texts to enumerate: " + e.getMessage());
            } catch (IllegalArgumentException e) {
                return new Search(null, null, String.valueOf(e.getMessage()));
            }
        });
    }
}
