package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.app.console.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters through the command line: {@code BASE+ADAPTER} wherever a model is named. */
class AdapterCommandTest {
    private static final Path CASES = Path.of("..", "..", "shared", "cases");

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
        JsonNode facts = Cli.run("merge", both, "-o", target.toString(), "--json")
                .exits(0)
                .json("credence.merge/1");
        assertThat(facts.get("weights")).hasSize(6);
        assertThat(audit(target.toString(), both).exits(2).err())
                .contains("option --prior is " + target, "its weights hold the policy's adapter");
        assertThat(Cli.run("merge", target + "+" + adapter("gpt2-lora"), "-o", folder.resolve("twice") + "")
                        .exits(2)
                        .err())
                .contains("already part of the checkpoint");
        assertThat(folder.resolve("twice")).doesNotExist();
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

    @Test
    void anAdapterThatIsNotThereIsNamed() {
        Path base = CASES.resolve("checkpoints").resolve("gpt2");
        assumeTrue(Files.isDirectory(base), "the shared cases are not there");
        Cli run = Cli.on(Console.Face.PLAIN_FILE, "{\"ids\":[1,2]}\n", "score", base + "+nowhere", "-");
        assertThat(run.exits(2).err()).contains("nowhere").contains("BASE+ADAPTER names an adapter's folder");
    }
}
