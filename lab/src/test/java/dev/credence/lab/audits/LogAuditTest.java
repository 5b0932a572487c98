package dev.credence.lab.audits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Candidate;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.ThresholdOutcome.Side;
import dev.credence.core.audit.Verdict;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rollouts.FieldMap;
import dev.credence.data.rollouts.ReadOptions;
import dev.credence.lab.Credence;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Audits of logs as a Java user asks for them: rewards by name, ranges, several files and steps, records that are bad. */
class LogAuditTest {
    private static final double[] DEPARTED = {.05, .10, .60, .25};
    private static final AuditRequest STANDARD = AuditRequest.standard();

    @TempDir
    private static Path folder = Path.of("");

    private static String log = "";

    @BeforeAll
    static void writeLog() throws IOException {
        log = write("log.jsonl", RecordedLogs.log(DEPARTED, 100));
    }

    private static String write(String name, String text) throws IOException {
        Files.createDirectories(folder.resolve(name).getParent());
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private static Finding finding(AuditReport report, String id) {
        return Objects.requireNonNull(report.last().findings().get(id), id);
    }

    private static List<String> candidates(AuditReport report) {
        return report.last().candidates().stream().map(Candidate::name).toList();
    }

    private static void refused(AuditRequest request, String file, String message) {
        assertThatThrownBy(() -> Credence.audit(request, file))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("--");
    }

    @Test
    void aTrueConditionalIsToldAsOne() throws IOException {
        String member = write("member.jsonl", RecordedLogs.log(RecordedLogs.tilt(1), 500));
        AuditReport within = Credence.audit(STANDARD.atBeta(1).within(0, 3), member);
        assertThat(within.last().verdict().label()).isEqualTo(Verdict.Label.CONDITIONAL);
        assertThat(new Threshold("bayes_fraction", Side.UNDER, 0.95)
                        .outcome(within.last())
                        .met())
                .isTrue();
        // the four texts' probabilities add up to one: even without the range nothing is left unseen
        AuditReport bare = Credence.audit(STANDARD.atBeta(1), member);
        assertThat(bare.last().verdict().label()).isEqualTo(Verdict.Label.CONDITIONAL);
    }

    @ParameterizedTest
    @CsvSource({
        "UNDER, bayes_fraction, 0.1, true",
        "UNDER, bayes_fraction, 0.99, false",
        "OVER, kl.departure, 5, true",
        "OVER, kl.departure, 0.001, false",
        "OVER, copies.moment_match, Infinity, true",
        "UNDER, log_z, -Infinity, true",
    })
    void figuresAreHeldAgainstThresholds(Side side, String id, double limit, boolean met) throws IOException {
        AuditReport report = Credence.audit(STANDARD.atBeta(1), log);
        assertThat(new Threshold(id, side, limit).outcome(report.last()).met()).isEqualTo(met);
    }

    @Test
    void anIntervalsEndIsWhatAThresholdLooksAt() throws IOException {
        AuditReport report = Credence.audit(STANDARD, log);
        Finding fraction = finding(report, "bayes_fraction");
        double between = (fraction.lower() + fraction.estimate()) / 2;
        double above = (fraction.upper() + fraction.estimate()) / 2;
        assertThat(met(report, Side.UNDER, between)).isFalse();
        assertThat(met(report, Side.OVER, above)).isFalse();
        assertThat(met(report, Side.UNDER, fraction.lower())).isTrue();
        assertThat(met(report, Side.OVER, fraction.upper())).isTrue();
        assertThat(new Threshold("bayes_fraction", Side.UNDER, between)
                        .outcome(report.last())
                        .reason())
                .startsWith("bayes_fraction has lower end");
    }

    private static boolean met(AuditReport report, Side side, double limit) {
        return Boolean.TRUE.equals(new Threshold("bayes_fraction", side, limit)
                .outcome(report.last())
                .met());
    }

    @Test
    void severalRewardsMustBeChosenFrom() throws IOException {
        String text = RecordedLogs.log(DEPARTED, 100)
                .replaceAll("\"reward\": (\\d)", "\"reward\": {\"kind\": $1, \"long\": 1.5}");
        String several = write("several.jsonl", text.replaceFirst("\"long\": 1.5", "\"long\": 0.5"));
        assertThatThrownBy(() -> Credence.audit(STANDARD, several))
                .hasMessage("reward is missing; the input has several rewards, name one of: kind, long");
        refused(
                STANDARD.ofReward("kindd"),
                several,
                "reward is kindd; the log has no such reward on every record; did you mean 'kind'?");
        AuditReport kind = Credence.audit(STANDARD.ofReward("kind"), several);
        assertThat(kind.reward()).isEqualTo("kind");
        assertThat(candidates(kind)).containsExactlyInAnyOrder("kind", "long");
        assertThat(finding(Credence.audit(STANDARD.ofReward("field:kind"), several), "bayes_fraction")
                        .estimate())
                .isEqualTo(finding(kind, "bayes_fraction").estimate());
    }

    @Test
    void rewardsAreComputedFromTheTextsAndGoByTheirNames() throws IOException {
        assertThat(candidates(Credence.audit(STANDARD.withCandidates("contains:c", "2*contains:d"), log)))
                .containsExactlyInAnyOrder("reward", "contains:c", "2*contains:d");
        assertThat(Credence.audit(STANDARD.ofReward("contains:c"), log).reward())
                .isEqualTo("contains:c");
        refused(STANDARD.withCandidates("regex:["), log, "candidate is regex:[; the pattern");
        refused(STANDARD.withCandidates("rewrad"), log, "candidate is rewrad");
        refused(STANDARD.ofReward("reward=contains:c"), log, "the log has a reward of the name reward; choose another");
        refused(
                STANDARD.ofReward("w=contains:c").withCandidates("w=contains:d"),
                log,
                "the name stands for two rewards");
        assertThat(candidates(Credence.audit(STANDARD.ofReward("w=contains:c").withCandidates("w"), log)))
                .containsExactlyInAnyOrder("reward", "w");
    }

    /** Their eighth power is not a number, or nought: slopes were withdrawn, and what conditioning explains at most was wrong. */
    @ParameterizedTest
    @CsvSource({
        "e200, is 3.0E200 of a text for the prompt 'q1'; the rewards of an audit lie between -1e30 and 1e30, 1e-200",
        "e-200, is between 0.0 and 3.0E-200; the rewards of an audit are equal or at least 1e-30 apart, 1e200"
    })
    void rewardsWhosePowersNoNumberHoldsAreRefusedWithTheScaleThatMendsThem(String size, String message, String factor)
            throws IOException {
        String text = RecordedLogs.log(DEPARTED, 100).replaceAll("\"reward\": (\\d)", "\"reward\": $1" + size);
        String scaled = write("scaled.jsonl", text);
        String field = factor + "*field:reward";
        refused(STANDARD, scaled, message + "; scale them, and beta with them, as in the reward " + field);
        AuditReport mended = Credence.audit(STANDARD.ofReward(field), scaled);
        assertThat(candidates(mended)).containsExactly(field);
        for (String id : List.of("bayes_fraction", "copies.per_sigma", "kl.departure.least", "nuisance.length")) {
            Finding plain = finding(Credence.audit(STANDARD, log), id);
            assertThat(finding(mended, id).estimate()).isCloseTo(plain.estimate(), offset(1e-9));
        }
    }

    @Test
    void aDeclaredRangeMustBeTrue() throws IOException {
        assertThat(Credence.audit(STANDARD.within(0, 3), log).steps()).hasSize(1);
        refused(STANDARD.within(0, 2.5), log, log + ": field 'reward' is 3.0 of a text for the prompt 'q");
        refused(STANDARD.within(0, 2.5), log, "every reward lies within 0..2.5, as was declared");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
    void betaIsFiniteAndNotNegative(double beta) {
        assertThatThrownBy(() -> STANDARD.atBeta(beta))
                .isInstanceOf(InputException.class)
                .hasMessage("beta is " + beta + "; it must be a finite number, 0 or larger");
    }

    @Test
    void badRecordsAreNamedOrLeftOut() throws IOException {
        String bad = write("bad.jsonl", RecordedLogs.log(DEPARTED, 50) + "{\"prompt\": \"q1\"}\nnot json\n");
        assertThatThrownBy(() -> Credence.audit(STANDARD, bad)).hasMessageStartingWith(bad + ":201: ");
        LogReading skipping =
                new LogReading(FieldMap.standard(), ReadOptions.BadRecords.SKIP, LogReading.Pooling.BY_NAME);
        List<String> warnings = new ArrayList<>();
        AuditReport report = Credence.audit(
                STANDARD, new LogAudit(List.of(bad), InputStream.nullInputStream(), skipping, warnings::add));
        assertThat(report.steps()).hasSize(1);
        assertThat(String.join("\n", warnings)).contains("left out 2 bad records", bad + ":201: ", bad + ":202: ");
    }

    @Test
    void fieldsMayHaveOtherNames() throws IOException {
        String text = RecordedLogs.log(DEPARTED, 50)
                .replace("\"logp_policy\": ", "\"scores\": {\"sum\": ")
                .replace(", \"source\"", "}, \"source\"");
        String renamed = write("renamed.jsonl", text);
        refused(STANDARD, renamed, "logp_policy");
        LogReading named = LogReading.standard().with(FieldMap.standard().with("logp_policy=scores.sum"));
        AuditReport report = Credence.audit(
                STANDARD, new LogAudit(List.of(renamed), InputStream.nullInputStream(), named, Listener.silent()));
        String plain = write("plain.jsonl", RecordedLogs.log(DEPARTED, 50));
        assertThat(finding(report, "bayes_fraction"))
                .isEqualTo(finding(Credence.audit(STANDARD, plain), "bayes_fraction"));
        assertThatThrownBy(() -> FieldMap.standard().with("logp_polcy=x"))
                .hasMessageContaining("did you mean 'logp_policy'?");
    }

    @Test
    void stepsAreAuditedApart() throws IOException {
        String steps = write(
                "steps.jsonl",
                RecordedLogs.log(DEPARTED, 60, ", \"step\": 10")
                        + RecordedLogs.log(RecordedLogs.tilt(1), 60, ", \"step\": 20"));
        AuditReport report = Credence.audit(STANDARD.atBeta(1), steps);
        assertThat(report.steps()).extracting("step").containsExactly(10L, 20L);
        assertThat(finding(report, "bayes_fraction").estimate())
                .as("the last is the conditional")
                .isGreaterThan(
                        Objects.requireNonNull(report.steps().get(0).findings().get("bayes_fraction"))
                                .estimate());
    }

    @Test
    void aLogThatHoldsEverythingOutIsBadInput() throws IOException {
        String heldOut = write("heldout.jsonl", RecordedLogs.log(DEPARTED, 20, ", \"split\": \"heldout\""));
        refused(
                STANDARD,
                heldOut,
                heldOut + ": field 'split' is heldout on every record; the train split has a record");
    }

    @Test
    void filesThatLookLikeDifferentPoliciesAreAskedAbout() throws IOException {
        String half = RecordedLogs.log(DEPARTED, 40);
        String one = write("run/rollouts-0.jsonl", half);
        String two = write("run/rollouts-1.jsonl", half);
        String other = write("run/grpo.jsonl", half);
        assertThat(Credence.audit(STANDARD, one, two).steps()).hasSize(1);
        assertThatThrownBy(() -> Credence.audit(STANDARD, one, other))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("together is missing; ")
                .hasMessageContaining(" both hold policy draws of the same prompts");
        LogReading together =
                new LogReading(FieldMap.standard(), ReadOptions.BadRecords.FAIL, LogReading.Pooling.TOGETHER);
        LogAudit both = new LogAudit(List.of(one, other), InputStream.nullInputStream(), together, Listener.silent());
        assertThat(Credence.audit(STANDARD, both).steps()).hasSize(1);
        String prior = write(
                "run/prior.jsonl",
                half.lines()
                        .filter(line -> line.contains("\"source\": \"prior\""))
                        .reduce("", (a, b) -> a + b + "\n"));
        assertThat(Credence.audit(STANDARD, prior, other).steps()).hasSize(1);
        String ten = write("run/early.jsonl", RecordedLogs.log(DEPARTED, 40, ", \"step\": 10"));
        String twenty = write("run/late.jsonl", RecordedLogs.log(DEPARTED, 40, ", \"step\": 20"));
        assertThat(Credence.audit(STANDARD, ten, twenty).steps()).hasSize(2);
    }

    @Test
    void filesThatAreCopiesAreNamed() throws IOException {
        String half = RecordedLogs.log(DEPARTED, 40);
        List<String> files = List.of(write("rollouts-0.jsonl", half), write("rollouts-1.jsonl", half));
        List<String> warnings = new ArrayList<>();
        new LogAudit(files, InputStream.nullInputStream(), LogReading.standard(), warnings::add).audit(STANDARD);
        assertThat(warnings)
                .contains("warning: " + files.get(1) + " is byte for byte the same as " + files.get(0)
                        + "; where it is the same log, its records count twice");
    }
}
