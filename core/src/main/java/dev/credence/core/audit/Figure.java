package dev.credence.core.audit;

/**
 * The figures of an audit that carry an interval: their ids (a contract), units, the scale on which their intervals are
 * symmetric, and the question each answers.
 */
enum Figure {
    LOG_Z(
            "log_z",
            "nats",
            Scale.PLAIN,
            "What is the log of the prior's mean of e^(r/beta), log Z? Of a reward that is a log-probability it is how likely the prior"
                    + " finds the evidence."),
    KL_POLICY_PRIOR("kl.policy_prior", "nats", Scale.CUBE_ROOT, "How far did the policy move from the prior?"),
    KL_PRIOR_POLICY("kl.prior_policy", "nats", Scale.CUBE_ROOT, "How much of the prior did the policy give up?"),
    KL_ASKED_PRIOR(
            "kl.asked_prior", "nats", Scale.CUBE_ROOT, "How far from the prior is the posterior that was asked?"),
    KL_POLICY_ASKED(
            "kl.policy_asked", "nats", Scale.CUBE_ROOT, "How far is the policy from the posterior that was asked?"),
    KL_ASKED_POLICY("kl.asked_policy", "nats", Scale.CUBE_ROOT, "How much of the asked posterior did the policy miss?"),
    KL_EXPLAINED("kl.explained", "nats", Scale.SQUARE_ROOT, "How much of the move is conditioning on the reward?"),
    KL_DEPARTURE("kl.departure", "nats", Scale.LOG, "How much of the move is departure from every such conditional?"),
    BAYES_FRACTION("bayes_fraction", "share", Scale.SHARE, "Which share of the move is Bayesian conditioning?"),
    MOMENT_MATCH(
            "copies.moment_match", "copies", Scale.PLAIN, "How many copies of the evidence fit the reward reached?"),
    SELF_CONSISTENT("copies.self_consistent", "copies", Scale.PLAIN, "Copies that lose least of the posterior?"),
    PRIOR_SLOPE("copies.prior_slope", "copies", Scale.PLAIN, "Slope of the log-ratio on reward under the prior?"),
    POLICY_SLOPE("copies.policy_slope", "copies", Scale.PLAIN, "Slope of the log-ratio on reward under the policy?"),
    MIXTURE_SLOPE("copies.mixture_slope", "copies", Scale.PLAIN, "Slope of the log-ratio on reward under both halves?"),
    PER_SIGMA(
            "copies.per_sigma",
            "copies per sigma",
            Scale.PLAIN,
            "Copies per standard deviation of the prior's reward?"),
    CEILING(
            "copies.ceiling",
            "copies",
            Scale.PLAIN,
            "How many copies could a move this long amount to at most, were the reward normal?"),
    RESIDUAL_VARIANCE(
            "residual.policy_variance",
            "nats^2",
            Scale.CUBE_ROOT,
            "How much does the log-ratio vary, within a prompt and reward held fixed, under the policy?"),
    NUISANCE_LOG_PRIOR(
            "nuisance.log_prior", "nats per nat", Scale.PLAIN, "Did the policy sharpen (or flatten) the prior?"),
    NUISANCE_LENGTH(
            "nuisance.length", "nats per token", Scale.PLAIN, "Did the policy favour length beside the reward?"),
    NUISANCE_REWARD_SQUARED(
            "nuisance.reward_squared", "nats per unit", Scale.PLAIN, "Is the log-ratio curved in the reward?"),
    REWARD_PRIOR("reward.prior", "reward", Scale.PLAIN, "Mean reward of the prior?"),
    REWARD_POLICY("reward.policy", "reward", Scale.PLAIN, "Mean reward of the policy?"),
    REWARD_ASKED("reward.asked", "reward", Scale.PLAIN, "Mean reward of the asked posterior?"),
    ENTROPY_PRIOR("entropy.prior", "nats", Scale.PLAIN, "Entropy of the prior?"),
    ENTROPY_POLICY("entropy.policy", "nats", Scale.PLAIN, "Entropy of the policy?"),
    ENTROPY_ASKED("entropy.asked", "nats", Scale.PLAIN, "Entropy of the asked posterior?"),
    MODES_PRIOR("modes.prior", "texts", Scale.LOG, "Effective number of texts of the prior?"),
    MODES_POLICY("modes.policy", "texts", Scale.LOG, "Effective number of texts of the policy?"),
    MODES_ASKED("modes.asked", "texts", Scale.LOG, "Effective number of texts of the asked posterior?"),
    RECALL(
            "recall",
            "share",
            Scale.LOGIT,
            "How much of the asked posterior did the policy keep (at half its mass or more)?"),
    GAP_OBJECTIVE(
            "gap.objective", "reward", Scale.CUBE_ROOT, "How much of the penalised objective was left unreached?");

    /** The scale on which an interval is symmetric. */
    enum Scale {
        PLAIN,
        /** Of what is a square near zero and has a sign there: an explained KL is λ²V/2. */
        SQUARE_ROOT,
        CUBE_ROOT,
        LOG,
        LOGIT,
        /** artanh √x of a share x: a root near 0, the logarithm of 1 − x near 1. */
        SHARE
    }

    private final String id;
    private final String unit;
    private final Scale scale;
    private final String question;

    Figure(String id, String unit, Scale scale, String question) {
        this.id = id;
        this.unit = unit;
        this.scale = scale;
        this.question = question;
    }

    /** The figure of an id. */
    static Figure of(String id) {
        for (Figure figure : values()) {
            if (figure.id.equals(id)) {
                return figure;
            }
        }
        throw new IllegalArgumentException("no figure has the id '" + id + "'");
    }

    String id() {
        return id;
    }

    String unit() {
        return unit;
    }

    Scale scale() {
        return scale;
    }

    String question() {
        return question;
    }
}
