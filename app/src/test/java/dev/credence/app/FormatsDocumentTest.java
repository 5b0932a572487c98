package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.data.rollouts.Field;
import dev.credence.lab.audits.RecordedLogs;
import dev.credence.lab.models.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("docs/formats.md names every field that is read or written, and no other")
class FormatsDocumentTest {
    private static final Path DOCUMENT =
            Path.of("").toAbsolutePath().getParent().resolve("docs").resolve("formats.md");
    private static final Path READING = DOCUMENT.resolveSibling("reading.md");
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Pattern WORD = Pattern.compile("`([^`]+)`");
    private static final Pattern KIND = Pattern.compile("([a-z-]+)(?=:)|\\blength\\b");

    /** Objects whose keys are names of the user's, or ids. */
    private static final Set<String> BY_NAME = Set.of("findings", "got", "prompts", "outcomes");

    /** Objects of which all is the user's: texts by name, probabilities by prompt and text. */
    private static final Set<String> OF_THE_USER = Set.of("settings", "options", "policy");

    private static String section(String title) throws IOException {
        List<String> lines = Files.readAllLines(DOCUMENT);
        int start = 0;
        while (!lines.get(start).matches("#+ " + Pattern.quote(title))) {
            start++;
        }
        int level = lines.get(start).indexOf(' ');
        int end = start + 1;
        while (end < lines.size() && !lines.get(end).matches("#{1," + level + "} .*")) {
            end++;
        }
        return String.join("\n", lines.subList(start, end));
    }

    /** What all documents have. */
    private static String ofEveryDocument() throws IOException {
        String section = section("JSON");
        return section.substring(0, section.indexOf("\n### "));
    }

    /** The words in code type in the first column of the tables of a section. */
    private static Set<String> rows(String section) {
        return section.lines()
                .filter(line -> line.startsWith("| `"))
                .flatMap(line -> words(line.split("\\|", -1)[1]))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<String> words(String text) {
        return WORD.matcher(text).results().map(match -> match.group(1));
    }

    private static Set<String> kinds(Stream<String> texts) {
        return texts.flatMap(text -> KIND.matcher(text).results().map(match -> match.group()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Names of fields, those of named objects and ids left out. */
    private static Set<String> fields(JsonNode node) {
        Set<String> fields = new TreeSet<>();
        node.properties().forEach(entry -> {
            fields.add(entry.getKey());
            if (BY_NAME.contains(entry.getKey()) && entry.getValue().isObject()) {
                entry.getValue().forEach(value -> fields.addAll(fields(value)));
            } else if (!OF_THE_USER.contains(entry.getKey())) {
                fields.addAll(fields(entry.getValue()));
            }
        });
        if (node.isArray()) {
            node.forEach(element -> fields.addAll(fields(element)));
        }
        return fields;
    }

    private static Set<String> ids(JsonNode... findings) {
        Set<String> ids = new TreeSet<>();
        Arrays.stream(findings).forEach(all -> all.fieldNames().forEachRemaining(ids::add));
        return ids;
    }

    /** Ids as the document has them: those of two sides are one row. */
    private static Set<String> expanded(Set<String> rows) {
        return rows.stream()
                .filter(word -> word.matches("[a-z].*") && !word.endsWith("/1"))
                .flatMap(word -> word.endsWith(".SIDE")
                        ? Stream.of("prior", "policy").map(side -> word.replace("SIDE", side))
                        : Stream.of(word))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Every kind of figure: prompts enough for a population, a split, words, lengths, token divergences. */
    private static String log() {
        double[] policy = RecordedLogs.tilt(.8);
        SplittableRandom random = new SplittableRandom(3);
        StringBuilder log = new StringBuilder();
        for (int c = 0; c < 10; c++) {
            for (int i = 0; i < 120; i++) {
                int outcome = random.nextInt(4);
                String more = String.format(
                        Locale.ROOT,
                        ", \"tokens\": %d, \"split\": \"%s\", \"kl_tokens\": %.3f",
                        1 + (outcome + i) % 3,
                        c < 9 ? "train" : "heldout",
                        .1 + .01 * outcome);
                log.append(RecordedLogs.record("q" + c, i % 2 == 0 ? "prior" : "policy", outcome, policy, more))
                        .append('\n');
            }
        }
        return log.toString();
    }

    @Test
    void everyFieldOfALogIsThere() throws IOException {
        assertThat(rows(section("Fields")))
                .isEqualTo(Arrays.stream(Field.values()).map(Field::key).collect(Collectors.toSet()));
    }

    @Test
    void everyFieldOfAWorldIsThere(@TempDir Path folder) throws IOException {
        Path top = Files.writeString(folder.resolve("top.yaml"), "prior: {a: 1}\nxyzzy: 1\n");
        Path below = Files.writeString(folder.resolve("below.yaml"), "prompts: {q: {prior: {a: 1}, xyzzy: 1}}\n");

        Set<String> known = new TreeSet<>();
        for (Path world : List.of(top, below)) {
            String message = Cli.run("posterior", world.toString()).exits(2).err();
            assertThat(message).contains("known are: ");
            known.addAll(List.of(
                    message.replaceFirst("(?s).*known are: ", "").strip().split(", ")));
        }
        assertThat(rows(section("Worlds"))).isEqualTo(known);
    }

    @Test
    void everyFieldOfANetworkIsThere(@TempDir Path folder) throws IOException {
        String rest = "text: \"{x}\"\nprompts: {q: {weight: 2}}\n";
        String good = "variables: {x: {values: {a: 1}}}\n" + rest;
        Cli.run("posterior", write(folder, good + "rewards: {r: {of: [x], table: {a: 1}}}\n"))
                .exits(0);
        Set<String> known = new TreeSet<>(Set.of("weight"));
        for (String broken : List.of(
                good + "xyzzy: 1\n",
                "variables: {x: {values: {a: 1}, xyzzy: 1}}\n" + rest,
                good + "rewards: {r: {xyzzy: 1}}\n",
                good + "probes: {p: {xyzzy: 1}}\n")) {
            String message =
                    Cli.run("posterior", write(folder, broken)).exits(2).err();
            assertThat(message).contains("xyzzy", "known are: ");
            known.addAll(List.of(
                    message.replaceFirst("(?s).*known are: ", "").strip().split(", ")));
        }
        assertThat(rows(section("Networks"))).isEqualTo(known);
    }

    private static String write(Path folder, String world) throws IOException {
        return Files.writeString(folder.resolve("network.yaml"), world).toString();
    }

    @Test
    void everyFieldOfANetworksPosteriorAndDrawsIsThere() throws IOException {
        JsonNode prompt = Cli.run("posterior", "authors", "--observe", "quality=3", "--json")
                .exits(0)
                .json("credence.posterior/1")
                .get("prompts")
                .get("");
        Set<String> fields = new TreeSet<>();
        prompt.fieldNames().forEachRemaining(fields::add);
        assertThat(words(section("A posterior")).collect(Collectors.toSet())).containsAll(fields);
        JsonNode draw = MAPPER.readTree(Cli.run("sample", "authors").exits(0).out());
        Set<String> written = new TreeSet<>();
        draw.fieldNames().forEachRemaining(written::add);
        assertThat(words(section("Texts and scores")).collect(Collectors.toSet()))
                .containsAll(written);
    }

    @Test
    void everyKindOfRewardThatALogReaderKnowsIsThere() throws IOException {
        String message = Cli.run("audit", "t1", "--reward", "xyzzy:1").exits(2).err();
        Set<String> known =
                kinds(Stream.of(message.replaceFirst("(?s).*a reward is ", "").replaceFirst(", with NUMBER.*", "")));

        assertThat(known).contains("regex", "length", "class");
        assertThat(kinds(rows(section("Rewards")).stream())).containsAll(known);
        for (String kind : kinds(rows(section("Rewards")).stream())) {
            String reward = kind.equals("length") ? kind : kind + ":none";
            assertThat(Cli.run("audit", "t1", "--reward", reward).err())
                    .as(kind)
                    .doesNotContain("a reward is field:");
        }
    }

    @Test
    void everyFormOfEvidenceIsThere() throws IOException {
        String message =
                Cli.run("posterior", "t1", "--evidence", "xyzzy:1").exits(2).err();
        Set<String> known = kinds(Stream.of(message.replaceFirst("(?s).*a reward's name, ", "")));

        assertThat(known).contains("probability", "raters", "regex");
        assertThat(kinds(rows(section("Evidence")).stream())).isEqualTo(known);
    }

    @Test
    void everyFieldAndIdOfAnAuditIsThere(@TempDir Path folder) throws IOException {
        Path log = Files.writeString(folder.resolve("log.jsonl"), log());
        Path steps = Files.writeString(
                folder.resolve("steps.jsonl"), RecordedLogs.log(RecordedLogs.tilt(1), 40, ", \"step\": 1"));
        JsonNode table = audit("t1", "--method", "tilt");
        JsonNode drawn = audit(log.toString(), "--fail-over", "kl.policy_prior=9");
        JsonNode stepped = audit(steps.toString());

        String section = section("An audit");
        Set<String> written = new TreeSet<>();
        Stream.of(table, drawn, stepped).forEach(audit -> written.addAll(fields(audit)));
        assertDocumented(section, written, Set.of());

        Set<String> ids = ids(
                table.get("findings"),
                drawn.get("findings"),
                stepped.get("steps").get(0).get("findings"));
        Set<String> population =
                ids.stream().filter(id -> id.endsWith(".population")).collect(Collectors.toSet());
        ids.removeAll(population);
        assertThat(population).isNotEmpty().allMatch(id -> ids.contains(id.replace(".population", "")));
        assertThat(expanded(rows(section.substring(section.indexOf("Ids of findings")))))
                .isEqualTo(ids);
        assertThat(expanded(rows(Files.readString(READING))))
                .as("docs/reading.md")
                .isEqualTo(ids);
        assertThat(Files.readAllLines(READING))
                .filteredOn(line -> line.startsWith("| `"))
                .allMatch(line -> line.matches(".*[.;] .+\\. \\|"), "two sentences");
    }

    private static JsonNode audit(String input, String... more) {
        List<String> command = Stream.concat(Stream.of("audit", input, "--beta", "1", "--json"), Stream.of(more))
                .toList();
        return Cli.run(command.toArray(String[]::new)).json("credence.audit/1");
    }

    @Test
    void everyFieldAndIdOfAPosteriorIsThere() throws IOException {
        JsonNode posterior = Cli.run("posterior", "t1", "--json").exits(0).json("credence.posterior/1");
        String section = section("A posterior");

        assertThat(words(section + ofEveryDocument()).collect(Collectors.toSet()))
                .containsAll(fields(posterior));
        assertThat(words(section.substring(section.indexOf("Ids: "), section.indexOf("A search")))
                        .collect(Collectors.toSet()))
                .isEqualTo(ids(posterior.get("findings")));
    }

    @Test
    void everyFieldOfAModelsPosteriorAndTextsIsThere(@TempDir Path folder) throws IOException {
        String model = TinyCheckpoint.write(folder.resolve("prior"), 1).toString();
        JsonNode posterior = Cli.run(
                        ("posterior " + model + " --prompt t --horizon 4 --reward contains:ea --evidence at-least:1"
                                        + " --until 3 --draw 2 --next a --json")
                                .split(" "))
                .json("credence.posterior/1");
        assertDocumented(
                section("A posterior"), fields(posterior), Set.of("count", "outcomes", "hidden", "visible", "probes"));

        Path drawn = folder.resolve("drawn.jsonl");
        Cli.run("sample", model, "--prompt", "t", "-n", "2", "--max-new-tokens", "3", "-o", drawn.toString())
                .exits(0);
        Set<String> written = fields(MAPPER.readTree(Files.readAllLines(drawn).get(0)));
        written.addAll(fields(MAPPER.readTree(Cli.run("score", model, drawn.toString())
                .exits(0)
                .out()
                .lines()
                .findFirst()
                .orElse(""))));
        assertDocumented(section("Texts and scores"), written, Set.of("reward", "hidden", "visible"));
    }

    @Test
    void everyFieldOfConditioningIsThere() throws IOException {
        JsonNode condition = Cli.run("condition", "t1", "--method", "tilt,grpo", "--population", "--json")
                .exits(0)
                .json("credence.condition/1");
        String section = section("Conditioning");

        Set<String> written = new TreeSet<>();
        condition.get("methods").forEach(method -> written.addAll(fields(method)));
        assertDocumented(section, written, Set.of());
        Set<String> ids = ids(
                condition.get("methods").get(0).get("got"),
                condition.get("methods").get(1).get("got"));
        ids.removeAll(ids(audit("t1").get("findings")));
        assertThat(ids).isNotEmpty();
        ids.addAll(Set.of("kl.policy_prior.subsets", "kl.policy_prior.bound")); // of draws; tables have none
        assertThat(words(section)
                        .filter(word -> word.startsWith("kl.") || word.startsWith("limit."))
                        .collect(Collectors.toSet()))
                .isEqualTo(ids);
    }

    @Test
    void everyFieldOfOtherCommandsIsThere(@TempDir Path folder) throws IOException {
        String log = Files.writeString(folder.resolve("log.jsonl"), RecordedLogs.log(RecordedLogs.tilt(1), 200))
                .toString();
        String audit = folder.resolve("audit.json").toString();
        Cli.run("audit", log, "--beta", "1", "--json", audit);
        String model = TinyCheckpoint.write(folder.resolve("prior"), 1).toString();
        String texts = Files.writeString(folder.resolve("texts.txt"), "the tea\n\n".repeat(40))
                .toString();
        String pairs = Files.writeString(
                        folder.resolve("pairs.jsonl"),
                        "{\"prompt\": \"t\", \"chosen\": \"ea\", \"rejected\": \"he\"}\n".repeat(20))
                .toString();
        String run = folder.resolve("run").toString();
        String reward = folder.resolve("reward").toString();
        List<List<String>> commands = List.of(
                List.of("plan", log, "--figure", "bayes_fraction", "--width", "0.1"),
                List.of("report", audit, "-o", folder + "/a.html", "--latex", folder + "/a.tex"),
                List.of("train", texts, "-o", run, "--from", model, "--steps", "1", "--length", "8", "--warmup", "0"),
                List.of("loss", model, texts),
                List.of("runs", folder.toString()),
                List.of("reward", pairs, "-o", reward, "--from", model, "--steps", "1", "--warmup", "0"),
                List.of("reward", reward, "--evaluate", pairs),
                List.of("methods", "rloo"),
                List.of("worlds", "authors"),
                List.of("doctor"),
                List.of("help", "plan"),
                List.of("completion"));
        Set<String> documented =
                words(section("Other commands") + ofEveryDocument()).collect(Collectors.toSet());
        for (List<String> command : commands) {
            JsonNode document = MAPPER.readTree(
                    Cli.run(Stream.concat(command.stream(), Stream.of("--json")).toArray(String[]::new))
                            .exits(0)
                            .out());
            Set<String> top = new TreeSet<>();
            document.fieldNames().forEachRemaining(top::add);
            top.add(document.get("schema").asText());
            assertThat(documented).as("%s", command).containsAll(top);
        }
    }

    /** Whatever is written is documented there or among what all documents have; every row is of something written. */
    private static void assertDocumented(String section, Set<String> written, Set<String> notHere) throws IOException {
        assertThat(words(section + ofEveryDocument()).collect(Collectors.toSet()))
                .containsAll(written);
        assertThat(rows(section))
                .filteredOn(row -> row.matches("[A-Za-z_]+") && !row.matches("ID.*|log_z|recall|bayes_fraction"))
                .filteredOn(row -> !notHere.contains(row))
                .isSubsetOf(written);
    }
}
