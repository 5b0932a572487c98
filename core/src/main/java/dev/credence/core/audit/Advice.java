package dev.credence.core.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What to change, from what the findings show; the most useful first. */
final class Advice {
    private static final double NOTABLE_DEPARTURE = 0.1;
    private static final double ROUNDING = 1e-6;
    private static final String MORE_DRAWS = "Draw where the posterior is";

    private static final Set<String> CONTRADICTED = Set.of("normalisation", "two_estimates", "total_probability");
    private static final Set<String> OF_A_SOUND_LOG = Set.of("khat", "ess", "unseen", "blind_spot", "thin_prompts");

    private final AuditOptions options;
    private final Evaluation evaluation;
    private final Map<String, Finding> findings;
    private final List<String> list = new ArrayList<>();

    Advice(AuditOptions options, Evaluation evaluation, Map<String, Finding> findings) {
        this.options = options;
        this.evaluation = evaluation;
        this.findings = findings;
    }

    List<String> list() {
        gates();
        copies();
        unseen();
        departure();
        nuisances();
        if (options.beta() == null) {
            list.add("Give the run's KL coefficient, beta, to compare what was got with what was asked.");
        }
        return list;
    }

    /** Where the records contradict themselves they come first, and nothing that other gates would ask of them. */
    private void gates() {
        boolean wrong = evaluation.gates().stream().anyMatch(Advice::isWrong);
        for (Gate gate : evaluation.gates()) {
            if (gate.status() == Gate.Status.PASS || (wrong && OF_A_SOUND_LOG.contains(gate.id()))) {
                continue;
            }
            switch (gate.id()) {
                case "khat", "ess", "unseen" -> draw(gate);
                case "normalisation" ->
                    list.add(
                            TiltLabels.of(evaluation.estimates().pool()).isDoubtful()
                                    ? "Give each draw of a tilt the lambda that it was drawn at, audit the reward that it was drawn"
                                            + " by, and name the runs of a sampler in the field group; of few particles take more."
                                    : "Score every text with the distribution that it was really sampled from"
                                            + " (temperature, top-k and top-p included), its end token too.");
                case "blind_spot" ->
                    list.add(
                            evaluation.sources() == Sources.POLICY_ONLY
                                    ? "Add draws from the prior, scored under both models: dropped modes show only there."
                                    : "Look at what was dropped: " + (isShort() ? "" : "raise beta, stop earlier, or ")
                                            + "train towards the posterior itself (forward KL) to get the lost texts"
                                            + " back.");
                case "thin_prompts" ->
                    list.add(
                            Double.isNaN(gate.figure())
                                    ? "Draw more records a prompt: " + gate.reason() + "."
                                    : "Draw more records a prompt; more prompts do not mend what the gate thin_prompts found.");
                case "support" -> support();
                case "same_text" -> {
                    if (gate.status() == Gate.Status.FAIL) {
                        list.add(
                                "Make the records of one text agree: score all in one precision, leave out what was written"
                                        + " twice, give draws that belong together the field group, and take raw rewards, noisy"
                                        + " ones averaged.");
                    }
                }
                case "two_estimates", "total_probability" -> {
                    if (gate.status() == Gate.Status.FAIL) {
                        list.add(
                                "See whether sources or columns are swapped, and whether each log-probability is the sum over"
                                        + " the text's tokens under the distribution that it was drawn from.");
                    }
                }
                default -> {}
            }
        }
    }

    private static boolean isWrong(Gate gate) {
        return gate.status() == Gate.Status.FAIL && CONTRADICTED.contains(gate.id());
    }

    /** Whether less was got than asked: who is to get more is not told to stop earlier. */
    private boolean isShort() {
        Finding copies = evaluation.get(Figure.MOMENT_MATCH);
        return options.beta() != null && copies.stands() && isFewer(copies, 1 / options.beta());
    }

    /** Nothing where the target itself gives those texts less than can be told from nothing, or nothing at all. */
    private void support() {
        boolean isOfTarget = options.beta() != null
                && evaluation.estimates().pool().mean(m -> m.moments().lostMass()) > 0
                && Double.isFinite(evaluation.estimates().get(Figure.KL_ASKED_POLICY))
                && Double.isFinite(evaluation.estimates().get(Figure.KL_POLICY_ASKED));
        if (!evaluation.isAsAsked() && !isOfTarget) {
            list.add("A hard filter or a truncated sampler cannot be undone by more records: state"
                    + " the evidence as an event, or sample without truncation.");
        }
    }

    /** Once, for the first of the gates that ask for it: all of them ask for the same. */
    private void draw(Gate gate) {
        if (list.stream().noneMatch(a -> a.startsWith(MORE_DRAWS))) {
            String how = isThinned()
                    ? "more draws from the prior than these, which are thinned by reward already (an audit of the two models"
                            + " takes more draws, or more time)"
                    : "many draws from the prior, thinned by reward so that only those near the posterior are scored under"
                            + " the policy (an audit of the two models, with prompts and without a log, does it)";
            list.add(MORE_DRAWS + ": " + how
                    + ", or draws from a model between the two, scored under all three. The gate " + gate.id()
                    + " says what they are too few for.");
        }
    }

    /** Whether the prior was drawn from more often than there are records of it: then thinning is no news. */
    private boolean isThinned() {
        return evaluation.estimates().pool().members().stream()
                .map(PromptAtoms::atoms)
                .anyMatch(atoms -> atoms.strata() > RolloutLog.PRIOR
                        && atoms.draws(RolloutLog.PRIOR) > atoms.records(RolloutLog.PRIOR));
    }

    private void copies() {
        Finding copies = evaluation.get(Figure.MOMENT_MATCH);
        if (options.beta() == null || !copies.stands() || evaluation.isAsAsked()) {
            return;
        }
        double asked = 1 / options.beta();
        boolean unmoved = evaluation.isUnmoved();
        if (copies.upper() < 0 && !unmoved) {
            list.add(
                    "The policy has less of the reward than the prior: look for a sign that is wrong, in the reward or in the"
                            + " advantage.");
        } else if (isFewer(copies, asked) && (unmoved || copies.lower() <= 0)) {
            list.add(
                    "The mean reward hardly moved: the records do not show one copy of the evidence at work; look for a"
                            + " learning rate, an advantage or a reward that does not reach the policy.");
        } else if (isFewer(copies, asked)) {
            list.add("The reward reached is worth fewer copies than asked: train longer, or state beta = "
                    + Words.number(1 / copies.estimate()) + " if this much was meant.");
        } else if (isMore(copies, asked)) {
            list.add(
                    "The reward reached is worth more copies than asked: the penalty did not hold; raise beta, or put it"
                            + " in the reward (k1, summed over tokens) if it is in the loss.");
        }
    }

    /** Whether the copies are fewer than asked by more than rounding. */
    static boolean isFewer(Finding copies, double asked) {
        double least = Double.isInfinite(asked) ? asked : asked - Math.abs(asked) * ROUNDING; // else inf − inf
        return copies.upper() < least;
    }

    /** Whether the copies are more than asked by more than rounding. */
    static boolean isMore(Finding copies, double asked) {
        return copies.lower() > asked + Math.abs(asked) * ROUNDING;
    }

    /** What stands between the figures and the label {@code conditional}, where it is only what no record shows. */
    private void unseen() {
        Finding departure = evaluation.get(Figure.KL_DEPARTURE);
        double unseen = evaluation.unseen();
        if (departure.stands()
                && departure.estimate() + unseen > NOTABLE_DEPARTURE
                && departure.estimate() < NOTABLE_DEPARTURE) {
            PromptPool pool = evaluation.estimates().pool();
            boolean stated = pool.members().get(0).atoms().range() != null;
            list.add("No record shows texts rarer than some 3 in the number of draws; a family of them, with a reward "
                    + (stated
                            ? "of " + Unseen.reach(pool, evaluation.estimates().lambda())
                            : "as far beyond those seen as these are apart")
                    + ", could add " + Words.number(unseen) + " nats of departure: "
                    + (stated
                            ? "draw more from the prior, or state a narrower range if the reward has one."
                            : "state the reward's range if it is bounded, or draw more from the prior."));
        }
    }

    private void departure() {
        Finding departure = evaluation.get(Figure.KL_DEPARTURE);
        Finding explained = evaluation.get(Figure.KL_EXPLAINED);
        if (!(departure.stands() && explained.stands() && departure.lower() > NOTABLE_DEPARTURE)) {
            return;
        }
        if (Withdrawals.SAME_REWARD.equals(evaluation.get(Figure.MOMENT_MATCH).reason())) {
            list.add(
                    "The reward is the same in all records of a prompt, and of such a reward only a policy that did not move"
                            + " is a conditional: see whether it is the one that was trained on.");
        } else {
            list.add("The same mean reward costs only " + Words.number(explained.estimate())
                    + " nats as an exact conditional (rejection, or best-of-n nearly so); the other "
                    + Words.number(departure.estimate()) + " nats bought nothing that this reward sees.");
        }
    }

    private void nuisances() {
        if (evaluation.isMember() || isSaturated()) {
            return;
        }
        Finding length = findings.get(Figure.NUISANCE_LENGTH.id());
        if (length != null && length.stands() && isNotZero(length)) {
            list.add("Length moved by itself, by " + Words.of(length)
                    + " nats a token at equal reward: look for a penalty"
                    + " averaged over tokens, a length-normalised loss, or texts cut at the horizon.");
        }
        Finding sharpening = findings.get(Figure.NUISANCE_LOG_PRIOR.id());
        if (sharpening != null && sharpening.stands() && isNotZero(sharpening)) {
            list.add(
                    sharpening.estimate() > 0
                            ? "The policy sharpened the prior beside the reward, by " + Words.of(sharpening)
                                    + " on log pi0: a temperature below 1, or collapse."
                            : "The policy flattened the prior beside the reward, by " + Words.of(sharpening)
                                    + " on log pi0: an entropy bonus, a temperature above 1, or drift.");
        }
    }

    /** Whether a small table has no more outcomes than the regression has columns: it then fits anything. */
    private boolean isSaturated() {
        PromptPool pool = evaluation.estimates().pool();
        int outcomes = pool.members().stream().mapToInt(m -> m.atoms().size()).sum();
        return outcomes <= pool.size() + Nuisances.COLUMNS;
    }

    private static boolean isNotZero(Finding finding) {
        return (finding.lower() > 0 || finding.upper() < 0) && Math.abs(finding.estimate()) > ROUNDING;
    }
}
