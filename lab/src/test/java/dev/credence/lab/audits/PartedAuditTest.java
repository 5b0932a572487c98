package dev.credence.lab.audits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.core.evidence.RewardType;
import dev.credence.data.files.InputFiles;
import dev.credence.data.rollouts.FileRead;
import dev.credence.data.rollouts.LogPart;
import dev.credence.data.rollouts.ReadOptions;
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
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log that is read and audited in pieces, in any order and over the wire, gives what one reading of it gives. */
class PartedAuditTest {
    private static final String CASES = "../../shared/cases/";
    private static final double[] DEPARTED = {.05, .10, .60, .25};

    @TempDir
    private static Path folder = Path.of("");

    private static String parted(List<String> files, AuditRequest request, LogReading reading, long order)
            throws IOException {
        return AuditWords.of(request, warnings -> asked -> outcome(files, asked, reading, order, warnings));
    }

    private static AuditOutcome outcome(
            List<String> files, AuditRequest request, LogReading reading, long order, Consumer<String> warnings)
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
                shuffled.stream().map(parts -> copy(audit.step(parts, null))).toList(),
                agreed -> shuffled.stream()
                        .map(parts -> copy(audit.step(parts, agreed)))
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
