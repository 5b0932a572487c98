package dev.credence.lab.experiments;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.Verdict;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.inputs.Inputs;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.worlds.TableWorlds;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A world with the prompts that are trained on.
 *
 * @param name as the user wrote it
 * @param prior of all prompts
 * @param trained the prior of those that are trained on
 * @param heldOut the others; empty for a world of one prompt
 * @param reward what is rewarded
 */
record AuditedPlace(String name, TableModel prior, TableModel trained, Set<String> heldOut, RewardFunction reward) {
    private static final double NO_MOVE = 1e-9; // nats
    private static final String NO_MOVE_WORDS = "no move";
    private static final String AUDITED = "reward";
    private static final String OWN_WORLD = "prompts";

    static AuditedPlace of(String name, ExperimentSettings settings, ExperimentResult.Builder result) {
        return of("worlds", name, settings, result);
    }

    /** A world that a setting names. */
    static AuditedPlace of(String key, String name, ExperimentSettings settings, ExperimentResult.Builder result) {
        int at = name.lastIndexOf('@');
        String file = at > 0 ? name.substring(0, at) : name;
        WorldInput world = read(file);
        result.inputs(List.of(world.input()));
        if (world.world().rewardNames().isEmpty() && at <= 0) {
            throw InputException.ofSetting(key, name, "a world with a reward; this one has none");
        }
        String reward =
                at > 0 ? name.substring(at + 1) : world.world().rewardNames().get(0);
        TableModel prior = world.world().prior();
        Set<String> heldOut = heldOut(prior, settings);
        return new AuditedPlace(
                name,
                prior,
                only(prior, prompt -> !heldOut.contains(prompt)),
                heldOut,
                world.reward(key, reward).function());
    }

    private static WorldInput read(String file) {
        if (!file.equals(OWN_WORLD) || Files.exists(Path.of(file))) {
            return WorldInput.read(file);
        }
        try (InputStream in = Objects.requireNonNull(Hypothesis.class.getResourceAsStream(OWN_WORLD + ".yaml"))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new WorldInput(
                    TableWorlds.parse("builtin:" + OWN_WORLD + ".yaml", text), Inputs.of("builtin:" + OWN_WORLD, text));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the world " + OWN_WORLD, e);
        }
    }

    /** The same with another prior and another reward. */
    AuditedPlace on(TableModel other, RewardFunction rewarded) {
        return new AuditedPlace(name, other, only(other, prompt -> !heldOut.contains(prompt)), heldOut, rewarded);
    }

    /** Prompts with a single text: no policy can move there, so that they are never held out. */
    List<String> still() {
        return prior.prompts().stream()
                .filter(prompt -> !canMove(prior.given(prompt)))
                .toList();
    }

    private static boolean canMove(Distribution texts) {
        return IntStream.range(0, texts.size())
                        .filter(i -> texts.probability(i) > 0)
                        .count()
                > 1;
    }

    private static Set<String> heldOut(TableModel prior, ExperimentSettings settings) {
        List<String> prompts = prior.prompts().stream()
                .filter(prompt -> canMove(prior.given(prompt)))
                .toList();
        double share = settings.number("heldout");
        if (prompts.size() < 2 || share == 0) {
            return Set.of();
        }
        int wanted = (int) (share * prior.prompts().size());
        int count = Math.max(1, Math.min(prompts.size() - 1, wanted));
        List<String> shuffled = new ArrayList<>(prompts);
        SplittableRandom random = new SplittableRandom(settings.whole("seed"));
        for (int i = 0; i < count; i++) { // Fisher and Yates, as far as it is needed
            Collections.swap(shuffled, i, i + random.nextInt(shuffled.size() - i));
        }
        return new LinkedHashSet<>(shuffled.subList(0, count));
    }

    private static TableModel only(TableModel prior, Predicate<String> kept) {
        Map<String, Distribution> some = new LinkedHashMap<>();
        Map<String, Double> weights = new LinkedHashMap<>();
        prior.prompts().stream().filter(kept).forEach(prompt -> {
            some.put(prompt, prior.given(prompt));
            weights.put(prompt, prior.weight(prompt));
        });
        return TableModel.of(some, weights);
    }

    /** The audit whose λ is fitted on the trained prompts. */
    StepAudit audit(TableModel policy) {
        return Audit.of(
                prior,
                policy,
                Map.of(AUDITED, reward),
                new AuditOptions(null, AUDITED, RewardType.SCORE, List.of(AUDITED), null, 1),
                heldOut);
    }

    /** Total variation of two policies on the held-out prompts, by their weights. */
    double distance(TableModel one, TableModel other) {
        TableModel elsewhere = only(prior, heldOut::contains);
        double sum = 0;
        for (String prompt : elsewhere.prompts()) {
            sum += elsewhere.weight(prompt) * Divergences.totalVariation(one.given(prompt), other.given(prompt));
        }
        return sum;
    }

    /** How the held-out prompts are judged against the copies that were fitted on the trained ones. */
    String judgedElsewhere(TableModel policy, double copies) {
        TableModel elsewhere = only(prior, heldOut::contains);
        double kl = 0;
        for (String prompt : elsewhere.prompts()) {
            kl += elsewhere.weight(prompt) * Divergences.kl(policy.given(prompt), prior.given(prompt));
        }
        if (!(kl > NO_MOVE)) {
            return NO_MOVE_WORDS;
        }
        if (!(copies > 0)) {
            return Verdict.Label.CANNOT_TELL.words();
        }
        StepAudit asked = Audit.of(
                elsewhere,
                only(policy, heldOut::contains),
                Map.of(AUDITED, reward),
                new AuditOptions(1 / copies, AUDITED, RewardType.SCORE, List.of(AUDITED), null, 1));
        Verdict verdict = asked.verdicts().get("asked");
        return verdict == null
                ? Verdict.Label.CANNOT_TELL.words()
                : verdict.label().words();
    }

    /** What came of one method, or agent, on one world at one KL. */
    record Got(
            String method,
            String policy,
            AuditedPlace place,
            String budget,
            @Nullable StepAudit audit,
            String elsewhere) {
        double figure(String id) {
            Finding finding = audit == null ? null : audit.findings().get(id);
            boolean nothing = elsewhere.equals(NO_MOVE_WORDS) && id.equals("bayes_fraction.heldout");
            return finding != null && finding.stands() && !nothing ? finding.estimate() : Double.NaN;
        }

        String verdict() {
            return audit == null ? "not reached" : audit.verdict().label().words();
        }

        boolean isReached() {
            return audit != null && Double.isFinite(figure("bayes_fraction"));
        }

        /** Whether the held-out prompts show that it is no conditional there; what does not move there shows nothing. */
        boolean isExposed() {
            return isMovedElsewhere() && !elsewhere.equals(Verdict.Label.CONDITIONAL.words());
        }

        /** Whether it is anything but the prior on held-out prompts. */
        boolean isMovedElsewhere() {
            return !elsewhere.isEmpty() && !elsewhere.equals(NO_MOVE_WORDS);
        }

        /** Puts a figure of its audit under another name, withdrawn where it has none. */
        void put(ExperimentResult.Builder result, String id, String question, String figure, String unit) {
            Finding finding = audit == null ? null : audit.findings().get(figure);
            double value = finding == null ? Double.NaN : finding.estimate();
            boolean nothing = elsewhere.equals(NO_MOVE_WORDS) && figure.equals("bayes_fraction.heldout");
            Finding own = exact(id, question, nothing ? Double.NaN : value, unit);
            if (audit == null) {
                result.finding(own.withdrawn("it does not reach this KL"));
            } else if (nothing) {
                result.finding(
                        own.withdrawn(
                                "a table of logits stays the prior on prompts it was not trained on: there is no move to explain"));
            } else if (finding == null || !finding.stands() || Double.isNaN(value)) {
                String reason = finding == null || finding.reason() == null ? "there is none" : finding.reason();
                result.finding(own.withdrawn(reason));
            } else {
                result.finding(own);
            }
        }
    }

    /** The audit of what a method met. */
    Got got(String name, String policy, String budget, BudgetedMethod.@Nullable Met met) {
        if (met == null) {
            return new Got(name, policy, this, budget, null, "");
        }
        StepAudit audit = audit(met.everywhere());
        return new Got(name, policy, this, budget, audit, elsewhere(met.everywhere(), audit));
    }

    private String elsewhere(TableModel policy, StepAudit audit) {
        Finding copies = audit.findings().get("copies.moment_match");
        return heldOut.isEmpty() ? "" : judgedElsewhere(policy, copies == null ? Double.NaN : copies.estimate());
    }

    static Finding exact(String id, String question, double value, String unit) {
        return new Finding(id, question, value, value, value, Grade.EXACT, unit, null, null);
    }
}
