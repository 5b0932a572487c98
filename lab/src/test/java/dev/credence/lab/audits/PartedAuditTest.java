package dev.credence.lab.audits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.audit.ThreadRounds;
import dev.credence.core.evidence.RewardType;
import dev.credence.data.files.InputFiles;
import dev.credence.data.rollouts.FileRead;
import dev.credence.data.rollouts.LogPart;
import dev.credence.data.rollouts.ReadOptions;
import dev.credence.data.rollouts.StepOutline;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log that is read and audited in pieces, in any order and over the wire, gives what one reading of it gives. */
class PartedAuditTest {
    private static final String CASES = "../../shared/cases/";
    private static final List<Integer> SHARES = new ArrayList<>(); // of steps that were shared out
    private static final double[] DEPARTED = {.05, .10, .60, .25};

    @TempDir
    private static Path folder = Path.of("");

    private static String parted(List<String> files, AuditRequest request, LogReading reading, long order)
            throws IOException {
        return AuditWords.of(
                request, warnings -> asked -> outcome(files, asked, reading, order, PartedAudit::step, warnings));
    }

    /** Audits the parts of a step. */
    @FunctionalInterface
    private interface StepAuditing {
        PartedAudit.StepResult step(PartedAudit audit, List<LogPart> parts, PartedAudit.@Nullable Agreed agreed);
    }

    /** The same where several processes audit a step, each some of its prompts. */
    private static String spread(List<String> files, AuditRequest request, int processes) throws IOException {
        StepAuditing steps = (audit, parts, agreed) -> spread(audit, parts, agreed, processes);
        return AuditWords.of(
                request, warnings -> asked -> outcome(files, asked, LogReading.standard(), 3, steps, warnings));
    }

    private static PartedAudit.StepResult spread(
            PartedAudit audit, List<LogPart> parts, PartedAudit.@Nullable Agreed agreed, int processes) {
        StepOutline outline = audit.outline();
        parts.forEach(outline::add);
        if (!outline.canBeShared()) {
            return audit.step(parts, agreed);
        }
        StepOutline.Shares shares = copy(outline.shares(processes));
        SHARES.add(shares.size());
        List<List<LogPart>> of = new ArrayList<>();
        for (int k = 0; k < shares.size(); k++) {
            of.add(new ArrayList<>());
        }
        for (LogPart part : parts) {
            @Nullable LogPart[] cut = shares.cut(part);
            for (int k = 0; k < cut.length; k++) {
                LogPart own = cut[k];
                if (own != null) {
                    of.get(k).add(copy(own));
                }
            }
        }
        ThreadRounds told = new ThreadRounds(shares.size());
        return IntStream.range(0, shares.size())
                .mapToObj(k -> CompletableFuture.supplyAsync(
                        () -> copy(audit.share(of.get(k), copy(outline), told.of(k), agreed)),
                        task -> new Thread(task).start()))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .reduce((one, other) -> {
                    assertThat(other.audit()).isEqualTo(one.audit());
                    assertThat(other.files()).isEqualTo(one.files());
                    return other;
                })
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plays/rollouts/filtered-sft.jsonl",
                "plays/rollouts/grpo-beta0.jsonl",
                "plays/rollouts/rloo-beta0.05.jsonl",
                "plays/thinned/rloo-beta0.05.jsonl.gz",
                "attack/constant-weights.jsonl",
                "attack/heldout-policy-only.jsonl",
                "attack/nothing-is-conditioning.jsonl",
                "attack/quantilizer-10.jsonl",
                "attack/unseen-family.jsonl",
                "reports/byte-order-marks/bom-inside.jsonl",
                "reports/degenerate-groups/flat.jsonl",
                "reports/degenerate-groups/one-draw.jsonl",
                "reports/means-for-sums/means.jsonl",
                "reports/null-in-token-arrays/null.parquet",
                "reports/other-rewards-null/names-differ.jsonl",
                "reports/other-rewards-null/null-part.jsonl",
                "reports/sampled-otherwise/top-4.jsonl",
                "reports/sums-disagree/sum-disagrees.jsonl"
            })
    void ofACaseWhosePromptsAreSharedOutItIsTheWholeLogs(String log) throws IOException {
        AuditRequest request = AuditRequest.standard().atBeta(0.05);
        List<String> files = List.of(CASES + log);
        String expected = AuditWords.ofLog(request, files, LogReading.standard());
        assertThat(spread(files, request, 3)).isEqualTo(expected);
    }

    @Test
    void stepsOverFilesWhosePromptsAreSharedOut() throws IOException {
        AuditRequest request = AuditRequest.standard().atBeta(1.0);
        List<String> files = InputFiles.expand(
                List.of(RecordedLogs.spread(folder.resolve("shared"), 5, 3, 30).toString()));
        String expected = AuditWords.ofLog(request, files, LogReading.standard());
        SHARES.clear();
        for (int processes = 1; processes <= 4; processes++) {
            assertThat(spread(files, request, processes)).isEqualTo(expected);
        }
        assertThat(SHARES).containsExactlyInAnyOrder(1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3); // of three prompts
    }

    /** Weights, splits, groups and rewards that not every record has, and prompts whose order the files do not agree on. */
    @Test
    void whatDiffersBetweenPromptsAndFiles() throws IOException {
        List<String> files = new ArrayList<>();
        for (int file = 0; file < 3; file++) {
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < 240; i++) {
                int q = (i * (file + 1) + file) % 6;
                String source = i % 12 < 6 ? "prior" : "policy";
                String other = file == 1 && i == 7 ? "" : ", \"length\": " + i % 3;
                lines.add("{\"prompt\": \"q%d\", \"completion\": \"t%d\", \"reward\": {\"a\": %s, \"b\": %d%s},"
                                .formatted(q, i, i % 5, i % 2, file == 2 ? ", \"c\": 1" : "")
                        + " \"logp_prior\": -%d.5, \"logp_policy\": -%d.25, \"source\": \"%s\","
                                .formatted(2 + i % 4, 2 + (i + 1) % 4, source)
                        + " \"prompt_weight\": %d, \"split\": \"%s\", \"group\": \"g%d\"%s}"
                                .formatted(1 + q, q == 4 ? "heldout" : "train", i / 24, other));
            }
            files.add(write("differs-" + file + ".jsonl", String.join("\n", lines) + "\n"));
        }
        SHARES.clear();
        for (AuditRequest request : List.of(
                AuditRequest.standard().atBeta(0.5).ofReward("a"),
                AuditRequest.standard().atBeta(0.5).ofReward("b"))) {
            String expected = AuditWords.ofLog(request, files, LogReading.standard());
            assertThat(expected).contains("bayes_fraction");
            assertThat(spread(files, request, 2)).isEqualTo(expected);
            assertThat(spread(files, request, 4)).isEqualTo(expected);
        }
        assertThat(SHARES).contains(2, 4);
    }

    private static AuditOutcome outcome(
            List<String> files,
            AuditRequest request,
            LogReading reading,
            long order,
            StepAuditing auditing,
            Consumer<String> warnings)
            throws IOException {
        Random random = new Random(order);
        List<String> expanded = InputFiles.expand(files);
        PartedAudit audit = copy(new PartedAudit(expanded, request, reading));
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < expanded.size(); i++) {
            numbers.add(i);
        }
        Collections.shuffle(numbers, random);
        List<FileRead.Facts> facts = new ArrayList<>();
        Map<String, List<LogPart>> steps = new TreeMap<>();
        for (int number : numbers) {
            FileRead read = copy(audit.read(number, Path.of(expanded.get(number))));
            facts.add(read.facts());
            read.parts()
                    .forEach(part -> steps.computeIfAbsent(part.hasStep() + ":" + part.step(), any -> new ArrayList<>())
                            .add(part));
        }
        List<List<LogPart>> shuffled = new ArrayList<>(steps.values());
        Collections.shuffle(shuffled, random);
        return audit.outcome(
                facts,
                shuffled.stream()
                        .map(parts -> copy(auditing.step(audit, parts, null)))
                        .toList(),
                agreed -> shuffled.stream()
                        .map(parts -> copy(auditing.step(audit, parts, agreed)))
                        .toList(),
                warnings);
    }

    /** As it comes out on another machine. */
    @SuppressWarnings("unchecked")
    private static <T> T copy(T value) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(value);
            }
            try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                return (T) in.readObject();
            }
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void isTheSame(AuditRequest request, LogReading reading, String... files) throws IOException {
        String expected = AuditWords.ofLog(request, List.of(files), reading);
        for (long order = 1; order <= 2; order++) {
            assertThat(parted(List.of(files), request, reading, order)).isEqualTo(expected);
        }
    }

    private static String write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plays/thinned/rloo-beta0.05.jsonl.gz",
                "attack/heldout-policy-only.jsonl",
                "reports/sentinel-9999/sentinel.jsonl",
                "reports/other-rewards-null/null-part.jsonl",
                "reports/sums-disagree/sum-disagrees.jsonl",
                "reports/null-in-token-arrays/null.parquet"
            })
    void ofACaseItIsTheWholeLogs(String log) throws IOException {
        isTheSame(AuditRequest.standard().atBeta(0.05), LogReading.standard(), CASES + log);
    }

    /** Lines of a step: the records of {@link RecordedLogs} with a step and more. */
    private static String step(int step, double[] policy, String more) {
        return RecordedLogs.log(policy, 60, ", \"step\": " + step + more);
    }

    private static String[] files(String name, String... texts) throws IOException {
        String[] files = new String[texts.length];
        for (int i = 0; i < texts.length; i++) {
            files[i] = write(name + "-part-" + i + ".jsonl", texts[i]);
        }
        return files;
    }

    /** Half of a text's lines, the even or the odd ones. */
    private static String half(String text, int which) {
        List<String> lines = text.lines().toList();
        List<String> half = new ArrayList<>();
        for (int i = which; i < lines.size(); i += 2) {
            half.add(lines.get(i));
        }
        return String.join("\n", half) + "\n";
    }

    @Test
    void stepsAreSpreadOverFilesAndFilesOverSteps() throws IOException {
        String one = step(1, RecordedLogs.tilt(0.5), ", \"tokens\": 1");
        String two = step(20, DEPARTED, ", \"tokens\": 1");
        String three = step(3, RecordedLogs.tilt(1), ", \"tokens\": 1");
        isTheSame(
                AuditRequest.standard().atBeta(1),
                LogReading.standard(),
                files(
                        "spread",
                        half(one, 0) + half(two, 1),
                        half(three, 0) + half(one, 1),
                        half(two, 0) + half(three, 1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ", \"tokens\": 1", // counted in one step alone, so not known of the log
                ", \"kl_tokens\": 0.1",
                ", \"group\": \"g\"",
                ", \"split\": \"heldout\"", // in one step alone, which is refused
            })
    void whatOneStepHasAndAnotherHasNotIsSettledForBoth(String more) throws IOException {
        String[] files = files("unlike", step(1, DEPARTED, ""), step(2, DEPARTED, more));
        if (more.contains("split")) { // the place differs: steps are held against each other when all are read
            assertThat(parted(List.of(files), AuditRequest.standard(), LogReading.standard(), 1))
                    .contains("field 'split'");
            return;
        }
        isTheSame(AuditRequest.standard().atBeta(1), LogReading.standard(), files);
    }

    @Test
    void aRewardThatOneStepLacksIsNoneOfTheLogs() throws IOException {
        String two = "\"reward\": {\"x\": $1, \"y\": 2}";
        String named = step(1, DEPARTED, "").replaceAll("\"reward\": (\\d)", two);
        String partial = step(2, DEPARTED, "").replaceAll("\"reward\": (\\d)", "\"reward\": {\"x\": $1}");
        String[] files = files("rewards", named, partial);
        isTheSame(AuditRequest.standard().ofReward("x").atBeta(1), LogReading.standard(), files);
        isTheSame(AuditRequest.standard().atBeta(1), LogReading.standard(), files); // which is to be named
        isTheSame(AuditRequest.standard().ofReward("y"), LogReading.standard(), files);
        String[] crossed =
                files("crossed", partial, partial.replace("\"x\"", "\"y\"").replace("\"step\": 2", "\"step\": 3"));
        isTheSame(AuditRequest.standard(), LogReading.standard(), crossed); // none is on every record
        isTheSame(AuditRequest.standard(), LogReading.standard(), files("mixed", step(1, DEPARTED, ""), named));
        isTheSame(
                AuditRequest.standard().ofReward("n=length").withCandidates("x").atBeta(1),
                LogReading.standard(),
                files);
    }

    @Test
    void aProbabilityIsOneInAllStepsOrInNone() throws IOException {
        String within = step(1, DEPARTED, "").replaceAll("\"reward\": [23]", "\"reward\": 1");
        AuditRequest request =
                AuditRequest.standard().ofType(RewardType.PROBABILITY).atBeta(1);
        isTheSame(request, LogReading.standard(), files("one", within, within.replace("\"step\": 1", "\"step\": 2")));
        isTheSame(request, LogReading.standard(), files("both", within, step(2, DEPARTED, "")));
        isTheSame(request.within(0, 1), LogReading.standard(), files("beyond", within, step(2, DEPARTED, "")));
    }

    @Test
    void recordsOfOtherSourcesAndBadOnesAreTheWholeLogs() throws IOException {
        String tilt = RecordedLogs.record("q1", "tilt", 2, DEPARTED, ", \"lambda\": 1, \"step\": 2") + "\n";
        String other = RecordedLogs.record("q1", "mix", 2, DEPARTED, ", \"logp_source\": -1, \"step\": 2") + "\n";
        String untold = RecordedLogs.record("q1", "Prior ", 2, DEPARTED, ", \"step\": 1") + "\n";
        isTheSame(
                AuditRequest.standard().atBeta(1),
                LogReading.standard(),
                files("sources", step(1, DEPARTED, "") + untold, step(2, DEPARTED, "") + tilt.repeat(5) + other));
        String[] bad = files("bad", step(1, DEPARTED, "") + "{\n", step(2, DEPARTED, "") + "{\"prompt\": 1}\n");
        isTheSame(AuditRequest.standard().atBeta(1), LogReading.standard(), bad);
        LogReading skipping =
                new LogReading(LogReading.standard().fields(), ReadOptions.BadRecords.SKIP, LogReading.Pooling.BY_NAME);
        isTheSame(AuditRequest.standard().atBeta(1), skipping, bad);
    }

    @Test
    void logsThatAreNoneAreRefusedAlike() throws IOException {
        AuditRequest request = AuditRequest.standard().atBeta(1);
        isTheSame(request, LogReading.standard(), files("empty", "", ""));
        LogReading skipping =
                new LogReading(LogReading.standard().fields(), ReadOptions.BadRecords.SKIP, LogReading.Pooling.BY_NAME);
        String[] none = files("none", "{}\n", "{\n");
        isTheSame(request, skipping, none);
        assertThat(parted(List.of(none), request, skipping, 1)).contains("no good record among 2", "field 'prompt'");
        isTheSame(
                request,
                LogReading.standard(),
                write("first.jsonl", step(1, DEPARTED, "")),
                write("second.jsonl", step(1, RecordedLogs.tilt(1), ""))); // two policies
        String[] files = files("stepless", step(1, DEPARTED, ""), RecordedLogs.log(DEPARTED, 20));
        assertThat(parted(List.of(files), request, LogReading.standard(), 1)).contains("field 'step'");
        String weighted = step(1, DEPARTED, ", \"prompt_weight\": 1");
        String otherwise = step(2, DEPARTED, ", \"prompt_weight\": 2");
        assertThat(parted(List.of(files("weights", weighted, otherwise)), request, LogReading.standard(), 1))
                .contains("field 'prompt_weight'");
    }
}
