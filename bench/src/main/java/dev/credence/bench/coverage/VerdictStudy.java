package dev.credence.bench.coverage;

import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.Verdict.Label;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Labels given to an adversarial suite of logs. A seed gives the same logs on any number of threads.
 *
 * @param seed of all draws
 * @param samples the logs
 */
record VerdictStudy(long seed, List<Sample> samples) {
    /**
     * One log.
     *
     * @param number its place in the suite
     * @param kind how it misleads
     * @param label what the audit said
     * @param wrong whether the exact truth contradicts that
     * @param modest whether more could have been said
     * @param account what was said of the Bayes fraction and the departure, and what is true; of wrong ones alone
     */
    record Sample(int number, VerdictKind kind, Label label, boolean wrong, boolean modest, String account) {}

    /** Draws and audits the logs, in parallel, the kinds in turn. */
    static VerdictStudy run(int logs, long seed, Runnable progress) {
        SplittableRandom root = new SplittableRandom(seed);
        List<SplittableRandom> own = new ArrayList<>();
        for (int i = 0; i < logs; i++) {
            own.add(root.split());
        }
        return new VerdictStudy(
                seed,
                IntStream.range(0, logs)
                        .parallel()
                        .mapToObj(i -> {
                            Sample sample = sample(i, own.get(i));
                            progress.run();
                            return sample;
                        })
                        .toList());
    }

    private static Sample sample(int number, SplittableRandom random) {
        VerdictKind kind = VerdictKind.values()[number % VerdictKind.values().length];
        VerdictCase drawn = kind.draw(random);
        StepAudit audit = drawn.audit(random);
        List<Truth> truths = drawn.truths();
        boolean wrong = truths.stream().allMatch(truth -> truth.contradicts(audit))
                && (!kind.isBeyondRecords() || audit.verdict().label() == Label.CONDITIONAL);
        boolean modest =
                truths.stream().allMatch(truth -> truth.exceeds(audit.verdict().label()));
        return new Sample(number, kind, audit.verdict().label(), wrong, modest, wrong ? account(audit, truths) : "");
    }

    private static String account(StepAudit audit, List<Truth> truths) {
        return words(audit, "bayes_fraction") + ", " + words(audit, "kl.departure") + "; true: "
                + truths.stream()
                        .map(t -> String.format(
                                Locale.ROOT,
                                "%.4g, %.4g nats of %.4g, %.3g copies",
                                t.fraction(),
                                t.departure(),
                                t.moved(),
                                t.copies()))
                        .collect(Collectors.joining(" or "));
    }

    private static String words(StepAudit audit, String id) {
        var finding = Objects.requireNonNull(audit.findings().get(id));
        return String.format(
                Locale.ROOT,
                "%s %.4g [%.4g, %.4g]%s",
                id,
                finding.estimate(),
                finding.lower(),
                finding.upper(),
                finding.stands() ? "" : " withdrawn");
    }

    List<Sample> of(VerdictKind kind) {
        return samples.stream().filter(sample -> sample.kind() == kind).toList();
    }

    List<Sample> wrong() {
        return samples.stream().filter(Sample::wrong).toList();
    }
}
