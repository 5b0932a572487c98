package dev.credence.methods;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Sequential Monte Carlo: K particles grow a token at a time, are weighted towards prior · twist, and resampled where their weights leave
 * too few of them. The estimate of Z is unbiased for every K and every twist; what one particle of a run is distributed as tends to the
 * posterior as K grows, and is at most log Z − E log Ẑ nats from it.
 *
 * <p>{@code smc} draws tokens from the prior, {@code twisted-smc} from prior · twist. With exact twists that is the posterior itself, and
 * every weight is the same.
 *
 * <p>On a table a text is one step: {@code smc} is then the choice of one of a pool of K with odds e^(r/β), whose probabilities are
 * known, and {@code twisted-smc} looks one step ahead, which is all there is: it is exact.
 *
 * @param proposal what tokens are drawn from
 * @param particles K
 * @param twist what is expected of beginnings
 * @param essThreshold share of the particles that weights may leave without resampling
 * @param twistDraws draws of the prior that a twist is learned from
 * @param twistLoss how a twist is learned
 * @param twistFrom folder of twists that were learned before; empty to learn them
 * @param beta KL coefficient β; 1/β copies
 */
public record Smc(
        Proposal proposal,

        @Setting(help = "particles of a run", unit = "particles", range = Range.COUNT)
        int particles,

        @Setting(
                help =
                        "what is expected of a beginning: exact (its soft value, by searching all that may follow), learned (by"
                                + " regression on {twist-draws} of the prior), none (what the evidence says of the text so far)")
        Expected twist,

        @Setting(
                help = "particles are resampled where their effective share is below it; next to 0 they never are",
                range = Range.SHARE)
        double essThreshold,

        @Setting(help = "draws of the prior that a twist is learned from", unit = "draws", range = Range.COUNT)
        int twistDraws,

        @Setting(
                help =
                        "how a twist is learned: table (regression on position, last token and beginning), or as a head on the prior's hidden"
                                + " states, contrastive (posterior against prior times twist) or soft-rl (soft values of what may follow)")
        TwistLoss twistLoss,

        @Setting(help = "folder of a run that was saved, whose learned heads are used in the place of learning any")
        Optional<String> twistFrom,

        @Setting(help = "KL coefficient; 1/beta copies of the reward", range = Range.POSITIVE)
        double beta)
        implements Conditioner.OnTables, Conditioner.OnModels {
    private static final String DIVERGENCE =
            "KL(policy‖posterior), at most log Z - E log of its estimate: none in the limit of many particles";

    /** What tokens are drawn from. */
    public enum Proposal {
        /** The prior: weights alone know the evidence. */
        PRIOR("smc", "sequential Monte Carlo: draw tokens from the prior, weigh beginnings, resample"),
        /** The prior times the twist of what each token leads to. */
        TWISTED("twisted-smc", "sequential Monte Carlo whose tokens are drawn from prior times twist");

        private final String word;
        private final String summary;

        Proposal(String word, String summary) {
            this.word = word;
            this.summary = summary;
        }
    }

    /** How a twist is learned. */
    public enum TwistLoss {
        /** Regression on tables of beginnings. */
        TABLE,
        /** A head on hidden states that tells posterior from prior times twist. */
        CONTRASTIVE,
        /** A head on hidden states that is the soft value of what may follow. */
        SOFT_RL
    }

    /** What is expected of a beginning. */
    public enum Expected {
        /** Its soft value, by enumeration. */
        EXACT,
        /** A soft value learned from draws of the prior. */
        LEARNED,
        /** What the evidence says of the text so far. */
        NONE
    }

    /**
     * Checks the settings.
     *
     * @param proposal any
     * @param particles at least 1
     * @param twist any
     * @param essThreshold in (0, 1]
     * @param twistDraws at least 1
     * @param twistLoss any
     * @param twistFrom any
     * @param beta positive and finite
     */
    public Smc {
        Settings.check(Smc.class, proposal, particles, twist, essThreshold, twistDraws, twistLoss, twistFrom, beta);
    }

    /** 64 particles from the prior, one copy. */
    public Smc() {
        this(standard(Proposal.PRIOR));
    }

    private Smc(Smc other) {
        this(
                other.proposal,
                other.particles,
                other.twist,
                other.essThreshold,
                other.twistDraws,
                other.twistLoss,
                other.twistFrom,
                other.beta);
    }

    private static Smc standard(Proposal proposal) {
        Expected twist = proposal == Proposal.TWISTED ? Expected.EXACT : Expected.NONE;
        return new Smc(proposal, 64, twist, 0.5, 2000, TwistLoss.TABLE, Optional.empty(), 1);
    }

    private Smc with(String component, Object value) {
        return Settings.of(Smc.class).with(this, component, value);
    }

    /**
     * Tokens from the prior.
     *
     * @param particles K, at least 1
     * @return the method {@code smc}, one copy
     */
    public static Smc of(int particles) {
        return standard(Proposal.PRIOR).sized(particles);
    }

    /**
     * Tokens from prior times exact twist.
     *
     * @param particles K, at least 1
     * @return the method {@code twisted-smc}, one copy
     */
    public static Smc twisted(int particles) {
        return standard(Proposal.TWISTED).sized(particles);
    }

    /**
     * With another number of particles.
     *
     * @param number K, at least 1
     * @return a changed copy
     */
    public Smc sized(int number) {
        return with("particles", number);
    }

    /**
     * With another twist.
     *
     * @param expected which
     * @return a changed copy
     */
    public Smc expecting(Expected expected) {
        return with("twist", expected);
    }

    /**
     * With a twist learned from so many draws of the prior.
     *
     * @param draws at least 1
     * @return a changed copy
     */
    public Smc learning(int draws) {
        return expecting(Expected.LEARNED).with("twistDraws", draws);
    }

    /**
     * With a twist learned in another way.
     *
     * @param loss how
     * @return a changed copy
     */
    public Smc learningBy(TwistLoss loss) {
        return expecting(Expected.LEARNED).with("twistLoss", loss);
    }

    /**
     * With another threshold of resampling.
     *
     * @param share of the particles, in (0, 1]
     * @return a changed copy
     */
    public Smc resamplingBelow(double share) {
        return with("essThreshold", share);
    }

    /**
     * At a KL coefficient.
     *
     * @param coefficient β, positive and finite
     * @return a changed copy
     */
    public Smc atKl(double coefficient) {
        return with("beta", coefficient);
    }

    /** Heads that were learned are heads to be used: nothing else is asked of a folder. */
    private void checkFrom() {
        if (twistFrom.isPresent() && (twist != Expected.LEARNED || twistLoss == TwistLoss.TABLE)) {
            throw InputException.ofSetting(
                    "twist-from",
                    twistFrom.get(),
                    "it holds heads: it goes with twist learned and twist-loss contrastive or soft-rl");
        }
    }

    boolean isTwisted() {
        return proposal == Proposal.TWISTED;
    }

    double essShare() {
        return essThreshold;
    }

    /** λ = 1/β. */
    double copies() {
        return NominalCopies.at(beta);
    }

    @Override
    public List<Conditioner> presets() {
        return Arrays.stream(Proposal.values()).<Conditioner>map(Smc::standard).toList();
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                standard(proposal),
                proposal.word,
                proposal.summary,
                "Del Moral, Doucet and Jasra 2006; Zhao et al. 2024; docs/theory.md#sequential-monte-carlo");
    }

    @Override
    public Aim aim(RewardType type) {
        return Aim.at(RewardLikelihood.tilt(copies()), DIVERGENCE);
    }

    @Override
    public Conditioned condition(TableModel prior, Evidence asked, RandomGenerator random) {
        return PromptByPrompt.condition(
                this, prior, asked, isTwisted() ? this::posterior : this::chosen, completions -> particles);
    }

    /** One of the pool of all particles. */
    private double[] chosen(Completions completions) {
        double[] log = RewardLikelihood.softBestOf(particles, copies())
                .logLikelihoods(completions.rewards(), completions.priorMasses());
        return times(completions, log);
    }

    private double[] posterior(Completions completions) {
        double best = completions.best();
        double[] log = completions.rewards();
        for (int i = 0; i < log.length; i++) {
            log[i] = log[i] == best ? 0 : copies() * (log[i] - best);
        }
        return times(completions, log);
    }

    private static double[] times(Completions completions, double[] log) {
        for (int i = 0; i < log.length; i++) {
            log[i] = completions.prior(i) == 0 ? 0 : completions.prior(i) * Math.exp(log[i]);
        }
        return log;
    }

    /**
     * Each text of the policy is one particle of a run of its own.
     *
     * @param prior the model
     * @param asked the evidence on its completions
     * @param horizon tokens after which texts are cut, at least 1
     * @return the policy, which also gives whole runs
     */
    @Override
    public ParticleModel condition(PredictiveModel prior, DrawnEvidence asked, int horizon) {
        checkFrom();
        return new ParticleModel(this, prior, asked, horizon);
    }
}
