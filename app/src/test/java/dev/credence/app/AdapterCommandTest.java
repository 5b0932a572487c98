package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.app.console.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters through the command line: {@code BASE+ADAPTER} wherever a model is named. */
class AdapterCommandTest {
    private static final Path CASES = Path.of("..", "..", "shared", "cases");
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path folder = Path.of("");

    private static Path base(String checkpoint) {
        Path base = CASES.resolve("checkpoints").resolve(checkpoint);
        assumeTrue(Files.isDirectory(base), "the shared cases are not there");
        return base;
    }

    private static Path adapter(String name) {
        Path made = CASES.resolve("adapters").resolve(name);
        assumeTrue(Files.isDirectory(made), "the shared cases are not there");
        return made;
    }

    /** The log-probabilities of the adapter's expected sequences under a model. */
    private static List<Double> scores(String model, JsonNode expected) throws IOException {
        StringBuilder input = new StringBuilder();
        for (JsonNode sequence : expected) {
            input.append("{\"ids\":").append(sequence.get("ids")).append("}\n");
        }
        Cli run = Cli.on(Console.Face.PLAIN_FILE, input.toString(), "score", model, "-");
        List<Double> scores = new ArrayList<>();
        for (String line : run.exits(0).out().lines().toList()) {
            scores.add(MAPPER.readTree(line).get("logp").asDouble());
        }
        assertThat(scores).hasSize(expected.size());
        return scores;
    }

    private static JsonNode expected(Path adapter) throws IOException {
        return MAPPER.readTree(adapter.resolve("expected.json").toFile()).get("sequences");
    }

    @ParameterizedTest
    @CsvSource({"gpt2, gpt2-lora", "llama, llama-lora"})
    void scoresAreTheOtherLibrarysMergedOrNot(String checkpoint, String name) throws IOException {
        Path base = base(checkpoint);
        Path made = adapter(name);
        JsonNode expected = expected(made);
        List<Double> beside = scores(base + "+" + made, expected);
        Path merged = folder.resolve("merged");
        JsonNode facts = Cli.run("merge", base + "+" + made, "-o", merged.toString(), "--json")
                .exits(0)
                .json("credence.merge/1");
        assertThat(facts.get("weights")).hasSize(6);
        List<Double> within = scores(merged.toString(), expected);
        for (int i = 0; i < expected.size(); i++) {
            double other = expected.get(i).get("logp").asDouble();
            assertThat(beside.get(i)).isCloseTo(other, within(1e-3));
            assertThat(within.get(i)).isCloseTo(beside.get(i), within(1e-4));
        }
        assertThat(merged.resolve("merged_adapters.json")).exists();
        assertThat(merged.resolve("adapter_config.json")).doesNotExist();
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(merged);
        }
    }

    @Test
    void mergingNeedsAnAdapterAndAFolderOfItsOwn() throws IOException {
        Path base = base("gpt2");
        String both = base + "+" + adapter("gpt2-lora");
        Path target = folder.resolve("merged");
        assertThat(Cli.run("merge", base.toString(), "-o", target.toString())
                        .exits(2)
                        .err())
                .contains("no BASE+ADAPTER");
        Files.createDirectories(target);
        Files.writeString(target.resolve("notes.txt"), "mine");
        assertThat(Cli.run("merge", both, "-o", target.toString()).exits(2).err())
                .contains("option --output is " + target + "; there is something already");
        Files.delete(target.resolve("notes.txt"));
        Cli.run("merge", both, "-o", target.toString()).exits(0);
        assertThat(Cli.run("merge", target + "+" + adapter("gpt2-lora"), "-o", folder.resolve("twice") + "")
                        .exits(2)
                        .err())
                .contains("already part of the checkpoint");
        assertThat(folder.resolve("twice")).doesNotExist();
    }

    /** With the note that Credence leaves, and without it, as another tool merges: then the base must be at hand. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAdapterInTheReferenceIsNamed(boolean noted) throws IOException {
        Path base = base("llama");
        Path made = adapter("llama-lora");
        Path merged = folder.resolve("merged");
        Cli.run("merge", base + "+" + made, "-o", merged.toString()).exits(0);
        if (!noted) {
            Files.delete(merged.resolve("merged_adapters.json"));
        }
        assertThat(audit(merged.toString(), base + "+" + made).exits(2).err())
                .contains("option --prior is " + merged, "its weights hold the policy's adapter " + made);
        assertThat(audit(base.toString(), merged + "+" + made).exits(2).err())
                .contains("option --policy is " + merged, "so that it would count twice");
        if (noted) {
            assertThat(audit(merged.toString(), merged + "+" + made).exits(2).err())
                    .contains("so that it would count twice");
        }
    }

    /** The base is found where the adapter's configuration says, though no option names it. */
    @Test
    void anotherToolsMergeIsFoundThroughTheConfigurationsBase() throws IOException {
        Path base = base("llama");
        Path made = folder.resolve("adapter");
        copyWithBase(adapter("llama-lora"), made, base.toAbsolutePath().toString());
        Path merged = folder.resolve("merged");
        Cli.run("merge", base + "+" + made, "-o", merged.toString()).exits(0);
        Files.delete(merged.resolve("merged_adapters.json"));
        assertThat(audit(merged.toString(), merged + "+" + made).exits(2).err())
                .contains("so that it would count twice");
        Cli score = Cli.on(Console.Face.PLAIN_FILE, "{\"ids\":[1,2]}\n", "score", merged + "+" + made, "-");
        assertThat(score.exits(2).err()).contains(made + "", "already part of the checkpoint " + merged);
    }

    /** A checkpoint and an adapter in one folder are one model where the weights are known to hold the adapter. */
    @Test
    void aFolderWithBothIsTheCheckpointWhereTheAdapterIsInIt() throws IOException {
        Path base = base("llama");
        Path merged = folder.resolve("merged");
        Cli.run("merge", base + "+" + adapter("llama-lora"), "-o", merged.toString())
                .exits(0);
        Files.delete(merged.resolve("merged_adapters.json"));
        copyWithBase(adapter("llama-lora"), merged, "nowhere/to/be/found");
        String[] score = {"score", merged.toString(), "-"};
        assertThat(Cli.on(Console.Face.PLAIN_FILE, "{\"ids\":[1,2]}\n", score)
                        .exits(2)
                        .err())
                .contains("a checkpoint and an adapter in one folder");
        copyWithBase(adapter("llama-lora"), merged, base.toAbsolutePath().toString());
        Cli.on(Console.Face.PLAIN_FILE, "{\"ids\":[1,2]}\n", score).exits(0);
        assertThat(audit(merged.toString(), merged.toString()).exits(2).err())
                .contains("option --prior is " + merged, "it is no reference");
    }

    /** Without --prior it is the base with the adapter off. */
    @Test
    void thePriorOfAnAdapterIsItsBase() throws IOException {
        Path base = base("gpt2");
        String policy = base + "+" + adapter("gpt2-lora");
        Path one = folder.resolve("one.jsonl");
        Path other = folder.resolve("other.jsonl");
        String[] asked = {"--reward", "length", "--beta", "1", "--samples", "40", "--max-new-tokens", "4", "--json"};
        Path prompts = Files.writeString(folder.resolve("prompts.txt"), "ROMEO\n");
        Cli without = Cli.run(arguments(
                asked, "audit", "--policy", policy, "--prompts", prompts.toString(), "--log", one.toString()));
        Cli with = Cli.run(arguments(
                asked,
                "audit",
                "--prior",
                base.toString(),
                "--policy",
                policy,
                "--prompts",
                prompts.toString(),
                "--log",
                other.toString()));
        assertThat(without.code()).as(without.err()).isEqualTo(with.code()).isIn(0, 3);
        assertThat(Files.readString(one)).isEqualTo(Files.readString(other)).contains("logp_prior");
    }

    private static String[] arguments(String[] more, String... first) {
        return Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new);
    }

    private Cli audit(String prior, String policy) throws IOException {
        Path prompts = Files.writeString(folder.resolve("prompts.txt"), "ROMEO\n");
        return Cli.run(
                "audit",
                "--prior",
                prior,
                "--policy",
                policy,
                "--prompts",
                prompts.toString(),
                "--reward",
                "length",
                "--beta",
                "1",
                "--samples",
                "4",
                "--max-new-tokens",
                "4",
                "--log",
                folder.resolve("log.jsonl").toString());
    }

    private static void copyWithBase(Path adapter, Path target, String base) throws IOException {
        Files.createDirectories(target);
        ObjectNode config = (ObjectNode)
                MAPPER.readTree(adapter.resolve("adapter_config.json").toFile());
        config.put("base_model_name_or_path", base);
        Files.write(target.resolve("adapter_config.json"), MAPPER.writeValueAsBytes(config));
        Files.copy(
                adapter.resolve("adapter_model.safetensors"),
                target.resolve("adapter_model.safetensors"),
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void anAdapterAloneIsNoModel() {
        Path made = CASES.resolve("adapters").resolve("gpt2-lora");
        assumeTrue(Files.isDirectory(made), "the shared cases are not there");
        Cli run = Cli.on(Console.Face.PLAIN_FILE, "{\"ids\":[1,2]}\n", "score", made.toString(), "-");
        assertThat(run.exits(2).err()).contains("an adapter without its base").contains("write BASE+");
    }

    @Test
    void anAdapterThatIsNotThereIsNamed() {
        Path base = CASES.resolve("checkpoints").resolve("gpt2");
        assumeTrue(Files.isDirectory(base), "the shared cases are not there");
        Cli run = Cli.on(Console.Face.PLAIN_FILE, "{\"ids\":[1,2]}\n", "score", base + "+nowhere", "-");
        assertThat(run.exits(2).err()).contains("nowhere").contains("BASE+ADAPTER names an adapter's folder");
    }
}
