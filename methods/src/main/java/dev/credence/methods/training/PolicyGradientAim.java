package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.posterior.Aim;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the settings of the policy-gradient objective aim at; the closed forms are in {@link Limits}. */
final class PolicyGradientAim {
    private static final String LOCAL = "the KL of each token given its prefix, by itself";

    private PolicyGradientAim() {}

    /** Of one stage. */
    static Aim of(PolicyGradient settings) {
        Surrogate s = settings.objective();
        String beta = FigureFormat.inWords(s.beta());
        if (settings.targetKl().isPresent()) {
            return Aim.atNoPosterior(
                    "a path stopped at " + settings.settings().get("target-kl") + " nats",
                    Aim.REVERSE,
                    "where a stopped run stands on its way depends on optimiser and parameters; of the natural gradient alone it"
                            + " is known");
        }
        if (s.gamma() < 1) {
            return discounted(s, settings.adaptiveKl().isPresent());
        }
        if (settings.adaptiveKl().isPresent()) {
            return steered(s, settings.adaptiveKl().getAsDouble());
        }
        if (s.entropy() > 0) {
            return entropyAim(s, beta);
        }
        if (s.kl().isNoPenalty() || s.beta() == 0) {
            return Aim.atNoPosterior(
                            "nothing but the largest rewards",
                            "none",
                            s.kl() == KlPlacement.LOSS_K1
                                    ? "k1 in the loss has an expected gradient of zero: it is no penalty, and any"
                                            + " distribution on the largest rewards is an optimum"
                                    : "without a penalty any distribution on the largest rewards is an optimum; the path decides")
                    .tendingTo(Limits::best);
        }
        return s.scale() == Surrogate.Scale.NONE || s.kl().isInReward() ? plainAim(s, beta) : standardisedAim(s, beta);
    }

    /** A discount is at work from the second token on: a table, whose texts have one, knows nothing of it. */
    private static Aim discounted(Surrogate s, boolean steered) {
        Aim aim = Aim.atNoPosterior(
                "a reward discounted by " + s.gamma() + " a token, where texts have several",
                Aim.REVERSE,
                "early tokens pay less of the penalty than they cause, so the sum is no KL of whole texts (texts of one"
                        + " token excepted)");
        boolean known = !steered && s.entropy() == 0 && s.beta() > 0 && tilts(s);
        return known ? aim.tendingTo((prior, reward) -> Limits.meanToken(prior, reward, s.beta())) : aim;
    }

    /** Whether on texts of one token, at a coefficient above 0, the optimum is the posterior. */
    private static boolean tilts(Surrogate s) {
        boolean asItIs = s.scale() == Surrogate.Scale.NONE;
        return s.kl() == KlPlacement.REWARD_K1
                || (asItIs && (s.kl() == KlPlacement.MEAN_TOKEN || s.kl().isSequenceKl()));
    }

    /** A coefficient that is steered to a KL gives the tilt of that KL where each coefficient gives a tilt. */
    private static Aim steered(Surrogate s, double nats) {
        String words = "the reward, as many copies as cost " + FigureFormat.inWords(nats) + " nats";
        if (s.entropy() > 0 || !tilts(s)) {
            return Aim.atNoPosterior(
                    "a KL of " + FigureFormat.inWords(nats) + " nats from the prior",
                    Aim.REVERSE,
                    "a coefficient that is steered to a KL gives copies only where every coefficient gives copies, and"
                            + " this penalty does not");
        }
        boolean posterior = s.kl() == KlPlacement.REWARD_K1;
        return new Aim(
                words,
                Aim.REVERSE,
                null,
                null,
                posterior ? null : "this placement of the penalty gives none",
                (prior, reward) -> Limits.atKl(prior, reward, nats));
    }

    private static Aim entropyAim(Surrogate s, String beta) {
        Aim aim = Aim.atNoPosterior(
                "the reward under a flattened prior, prior^("
                        + FigureFormat.inWords(s.beta() / (s.beta() + s.entropy())) + ")",
                Aim.REVERSE,
                "an entropy bonus flattens the prior: the optimum is prior^(b/(a+b)) e^(r/(a+b)) with a = "
                        + FigureFormat.inWords(s.entropy()) + ", b = " + beta);
        boolean known = s.scale() == Surrogate.Scale.NONE && (s.kl().isSequenceKl() || s.beta() == 0);
        return known
                ? aim.tendingTo((prior, reward) -> Limits.entropyBonus(prior, reward, s.beta(), s.entropy()))
                : aim;
    }

    private static Aim plainAim(Surrogate s, String beta) {
        return switch (s.kl()) {
            case LOSS_K3 ->
                Aim.atNoPosterior(
                                "no evidence: beta*prior/(L - r) with beta = " + beta,
                                "KL(prior‖policy) as a penalty",
                                "k3 in the loss has the gradient of KL(prior‖policy): the optimum beta*prior/(L - r) is rational in"
                                        + " the reward; no number of copies gives it")
                        .tendingTo((prior, reward) -> Limits.k3(prior, reward, s.beta()));
            case REWARD_K3 ->
                Aim.atNoPosterior(
                        "no evidence",
                        "none",
                        "k3 in the reward has the gradient of KL(policy‖prior) - KL(prior‖policy): a text that has fallen below its"
                                + " prior is pushed further down, so that nothing holds it and no limit is stated");
            case MEAN_TOKEN ->
                Aim.atNoPosterior(
                                "copies in proportion to a text's own length",
                                "the penalty divided by the text's length",
                                "a mean over tokens makes the multiplicity of a text grow with its own length (texts of one length"
                                        + " excepted)")
                        .tendingTo((prior, reward) -> Limits.meanToken(prior, reward, s.beta()));
            default -> Aim.at(RewardLikelihood.tilt(1 / s.beta()), Aim.REVERSE);
        };
    }

    private static Aim standardisedAim(Surrogate s, String beta) {
        String scale = "rewards divided by their standard deviation under the policy, beta = " + beta;
        if (s.kl() == KlPlacement.LOSS_K3) {
            Aim aim = Aim.atNoPosterior(
                    scale + ", against KL(prior‖policy)",
                    "KL(prior‖policy) as a penalty",
                    "the fixed point policy*(1 - A/beta) = prior is rational in the advantage A, and the deviation in A is the"
                            + " policy's own: no posterior, and more strength the nearer it is to the best");
            return s.scale() == Surrogate.Scale.GROUP_STD
                    ? aim.tendingTo((prior, reward) -> Limits.standardisedK3(prior, reward, s.beta()))
                    : aim;
        }
        Aim aim = Aim.atNoPosterior(
                scale,
                Aim.REVERSE,
                "only copies times the policy's own standard deviation are set: the strength differs by prompt and has no fixed"
                        + " point below a critical beta");
        return s.scale() == Surrogate.Scale.GROUP_STD
                ? aim.tendingTo((prior, reward) -> Limits.standardisedTilt(prior, reward, s.beta()))
                : aim;
    }

    /**
     * What is aimed at on texts of several tokens where that is not what is aimed at on a table: penalties in the loss of methods
     * that average over tokens see single tokens, and a discount counts tokens. Null where whole texts are what counts.
     */
    static @Nullable Aim tokenByToken(PolicyGradient settings) {
        Surrogate s = settings.objective();
        boolean free = s.beta() == 0 || s.kl().isNoPenalty();
        boolean local = s.penalisesTokens()
                && (s.kl() == KlPlacement.LOSS_K2
                        || s.kl() == KlPlacement.LOSS_K3_RATIO
                        || s.kl() == KlPlacement.LOSS_K3);
        boolean lengths = s.kl() == KlPlacement.MEAN_TOKEN
                && (s.scale() != Surrogate.Scale.NONE || s.average() == Surrogate.Average.PER_SEQUENCE);
        if (settings.targetKl().isPresent() || free || !(local || lengths || s.gamma() < 1)) {
            return null;
        }
        String beta = FigureFormat.inWords(s.beta());
        Optional<TokenLimit> known = settings.tokenLimit();
        if (known.isPresent()) {
            return known.get().rule() == TokenLimit.Rule.SOFT ? discounted(s, beta) : local(s, beta);
        }
        String why = lengths
                ? "the penalty is divided by the text's length and the return by a deviation or by that length again: they are"
                        + " at rest in no policy that is known"
                : local
                        ? "a penalty in the loss sees single tokens and leaves out what a prefix does to its future, so that the"
                                + " KL of whole texts is not what is minimised; " + unknown(settings)
                        : "a discount makes the sum of the penalties no KL of whole texts; " + unknown(settings);
        return Aim.atNoPosterior("no evidence", local ? LOCAL : Aim.REVERSE, why);
    }

    private static Aim local(Surrogate s, String beta) {
        boolean k3 = s.kl() == KlPlacement.LOSS_K3;
        boolean divided = s.scale() == Surrogate.Scale.GROUP_STD;
        boolean averaged = s.average() == Surrogate.Average.PER_SEQUENCE;
        String discounted = s.gamma() < 1 ? ", discounted by " + s.gamma() + " a token" : "";
        return Aim.atNoPosterior(
                "no evidence: each token is chosen by the mean reward V that the policy itself has behind it"
                        + discounted
                        + ", "
                        + (k3 ? "b*prior/(L - V)" : "prior*e^(V/b)")
                        + (divided ? " with b = " + beta + " times the policy's own deviation" : " with b = " + beta)
                        + (averaged ? ", and tokens of short texts count more" : ""),
                LOCAL,
                "a penalty in the loss sees single tokens: what a prefix will cost further on is left out, so that V is a mean of"
                        + " rewards where the posterior has beta log E e^(r/beta) (texts of one token excepted)");
    }

    private static Aim discounted(Surrogate s, String beta) {
        return Aim.atNoPosterior(
                "no evidence: each token is chosen by its soft value, discounted by " + s.gamma() + " a token, beta = "
                        + beta,
                Aim.REVERSE,
                "early tokens hear less of the reward and of the penalty that they cause, so that the sum is no KL of whole texts"
                        + " (texts of one token excepted)");
    }

    private static String unknown(PolicyGradient settings) {
        Surrogate s = settings.objective();
        return s.average() == Surrogate.Average.PER_SEQUENCE && s.gamma() < 1
                ? "and as each text's tokens share its weight, those of short texts count more: no limit is stated"
                : "with these settings no limit is stated";
    }

    /** Where settings end on texts of several tokens, where that is known and other than for whole texts. */
    static Optional<TokenLimit> tokenLimit(Surrogate s) {
        boolean averaged = s.average() == Surrogate.Average.PER_SEQUENCE;
        if (s.entropy() > 0 || s.beta() == 0) {
            return Optional.empty();
        }
        if (s.kl() == KlPlacement.REWARD_K1) { // at rest returns are equal, whatever they are divided by
            return s.gamma() < 1 && !averaged
                    ? Optional.of(new TokenLimit(TokenLimit.Rule.SOFT, s.beta(), s.gamma()))
                    : Optional.empty();
        }
        boolean halved = s.ratio() == Surrogate.Ratio.SEQUENCE && !averaged; // reward by texts, penalty by tokens
        if (!s.penalisesTokens() || s.scale() == Surrogate.Scale.BATCH_STD || halved) {
            return Optional.empty();
        }
        boolean divided = s.scale() == Surrogate.Scale.GROUP_STD;
        return switch (s.kl()) {
            case LOSS_K2, LOSS_K3_RATIO ->
                Optional.of(new TokenLimit(TokenLimit.Rule.LOCAL_KL, s.beta(), s.gamma(), divided, averaged));
            case LOSS_K3 ->
                Optional.of(new TokenLimit(TokenLimit.Rule.LOCAL_K3, s.beta(), s.gamma(), divided, averaged));
            default -> Optional.empty();
        };
    }
}
