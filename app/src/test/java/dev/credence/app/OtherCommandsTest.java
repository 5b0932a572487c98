package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtherCommandsTest {
    @TempDir
    private Path folder;

    @Test
    void methodsListsAimsAndDescribesOne() {
        assertThat(Cli.run("methods").exits(0).out())
                .contains(
                        "best-of-n", "aims at: being picked as the best of 4 draws from the prior", "gdc", "--moment");
        assertThat(Cli.run("methods", "best-of-n").exits(0).out())
                .contains("--n", "4", "--rounds", "minimises on the way: none: its draws are exact", "source: ");
        JsonNode root = Cli.run("methods", "--json").exits(0).json("credence.methods/1");
        assertThat(root.get("methods")).hasSizeGreaterThanOrEqualTo(12);
        assertThat(root.at("/methods/0/aimed/evidence").asText()).isEqualTo("1 copy of the reward (beta 1)");
        assertThat(Cli.run("methods", "grpo").out()) // what `condition` takes where none is typed
                .containsPattern("--seed +1\n");
        assertThat(Cli.run("methods", "best-of-m").exits(2).err())
                .contains("NAME is best-of-m; did you mean 'best-of-n'?");
    }

    /** A draw less the mean of itself teaches nothing: such a run would report the prior as what it trained. */
    @Test
    void aMethodThatComparesDrawsNeedsTwo() throws IOException {
        Path two = Files.writeString(folder.resolve("two.yaml"), """
                prompts:
                  p: {prior: {a: 0.5, b: 0.5}, reward: {a: 0, b: 1}}
                  q: {prior: {a: 0.5, b: 0.5}, reward: {a: 2, b: 3}}
                """);
        for (String method : new String[] {"rloo", "ppo", "grpo"}) { // one draw of each of two prompts
            assertThat(Cli.run("condition", two.toString(), "--method", method, "--samples", "1", "--steps", "2")
                            .exits(2)
                            .err())
                    .contains("option --samples is 1;", "one draw is its own mean");
        }
        for (String method : new String[] {"rloo", "ppo", "grpo", "dr-grpo", "dapo", "reinforce"}) {
            assertThat(Cli.run("condition", "t1", "--method", method, "--beta", "1", "--samples", "1", "--steps", "2")
                            .exits(2)
                            .err())
                    .contains("option --samples is 1;", "one draw is its own mean");
            Cli.run("condition", "t1", "--method", method, "--beta", "1", "--samples", "2", "--steps", "2")
                    .exits(0);
        }
        Cli.run(
                        "condition",
                        "t1",
                        "--method",
                        "reinforce",
                        "--beta",
                        "1",
                        "--samples",
                        "1",
                        "--steps",
                        "2",
                        "--baseline",
                        "none")
                .exits(0);
    }

    @Test
    void worldsListsAndPrintsOneToStartFrom() throws IOException {
        assertThat(Cli.run("worlds").exits(0).out()).contains("t1", "reward");
        Path file = Files.writeString(
                folder.resolve("mine.yaml"), Cli.run("worlds", "t1").exits(0).out());
        Cli.run("posterior", file.toString(), "--beta", "1").exits(0);
        assertThat(Cli.run("worlds", "--json")
                        .json("credence.worlds/1")
                        .at("/worlds/0/outcomes")
                        .asInt())
                .isEqualTo(4);
        assertThat(Cli.run("worlds", "t9").exits(2).err()).contains("no such world");
    }

    @Test
    void doctorLooksAtTheMachine() {
        assertThat(Cli.run("doctor").exits(0).out())
                .contains("java", "duckdb", "reads Parquet", "processors", "is writable", "UTF-8");
        JsonNode root = Cli.run("doctor", "--json").exits(0).json("credence.doctor/1");
        assertThat(root.get("checks").findValuesAsText("name"))
                .contains("java", "duckdb", "tokenizer", "chromium", "output");
        assertThat(root.get("checks").findValuesAsText("status")).doesNotContain("broken");
    }

    @Test
    void completionKnowsEveryCommandAndOption() {
        String script = Cli.run("completion", "bash").exits(0).out();
        assertThat(script)
                .startsWith("#!/usr/bin/env bash")
                .contains("audit", "posterior", "--fail-under", "--prior-share");
        assertThat(script)
                .contains("best-of-n", "over-optimisation", "camera", "openrlhf", "kl.departure", "bayes_fraction=");
        assertThat(script).contains("\"bash\" \"zsh\"", "\"auto\" \"fp32\" \"bf16\"");
        assertThat(Cli.run("completion", "--manual").exits(0).out())
                .startsWith(".TH CREDENCE 1")
                .contains(".SH AUDIT", "\\-\\-fail\\-under", "EXIT STATUS");
        assertThat(Cli.run("completion", "zsh").exits(0).out()).contains("compinit");
        assertThat(Cli.run("completion", "fish").exits(2).err()).contains("(SHELL): 'fish' is none of bash, zsh");
        assertThat(Cli.run("completion", "--json")
                        .json("credence.completion/1")
                        .get("shell")
                        .asText())
                .isEqualTo("bash");
    }

    @Test
    void bashReadsTheCompletionScript() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no /bin/bash here");
        Path script = Files.writeString(
                folder.resolve("completion.bash"), Cli.run("completion", "bash").out());
        Process bash = new ProcessBuilder(
                        "/bin/bash",
                        "-c",
                        "source \"$0\"; COMP_WORDS=(credence po); COMP_CWORD=1; _complete_credence;"
                                + " echo \"${COMPREPLY[@]}\"",
                        script.toString())
                .redirectErrorStream(true)
                .start();
        String offered = new String(bash.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(offered).isZero();
        assertThat(offered.strip()).isEqualTo("posterior");
    }

    @Test
    void reportPutsAuditsOnOnePage() throws IOException {
        Path one = folder.resolve("one.json");
        Path two = folder.resolve("two.json");
        Cli.run("audit", "t1", "--beta", "1", "--json", one.toString()).exits(0);
        Cli.run("audit", "t1", "--beta", "2", "--json", two.toString()).exits(0);
        Path html = folder.resolve("both.html");
        Cli cli = Cli.run("report", one.toString(), two.toString(), "-o", html.toString())
                .exits(0);
        assertThat(cli.out()).isEqualTo("wrote " + html + ": 2 audits" + System.lineSeparator());
        assertThat(Files.readString(html)).contains("data-audit=\"one\"", "data-audit=\"two\"", "credence.audit/1");
        Path again = folder.resolve("folder.html");
        assertThat(Cli.run("report", folder.toString(), "-o", again.toString())
                        .exits(0)
                        .out())
                .contains("2 audits");
        assertThat(Cli.run("report", one.toString(), "-o", one.toString())
                        .exits(2)
                        .err())
                .contains("it is an input");
        assertThat(Cli.run("report", folder + "/none.json", "-o", again.toString())
                        .exits(2)
                        .err())
                .contains("none.json: no such file");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThat(Cli.run("report", empty.toString(), "-o", again.toString())
                        .exits(2)
                        .err())
                .contains("no audit found");
        Path world = Files.writeString(folder.resolve("world.json"), "{\"prior\": {\"a\": 1}}");
        assertThat(Cli.run("report", world.toString(), "-o", again.toString())
                        .exits(2)
                        .err())
                .contains("world.json");
    }

    @Test
    void reportWritesThePapersTable() throws IOException {
        Path one = folder.resolve("run_1.json");
        Path two = folder.resolve("two.json");
        Cli.run("audit", "t1", "--beta", "1", "--json", one.toString()).exits(0);
        Cli.run("audit", "t1", "--json", two.toString()).exits(0);
        String html = folder.resolve("both.html").toString();
        Path table = folder.resolve("table.tex");
        String[] typed = {"report", one.toString(), two.toString(), "-o", html, "--latex"};
        assertThat(run(typed, table.toString()).exits(0).out())
                .isEqualTo("wrote " + html + " and " + table + ": 2 audits" + System.lineSeparator());
        JsonNode found = new ObjectMapper().readTree(one.toFile()).get("findings");
        assertThat(Files.readString(table))
                .contains("\\begin{tabular}", "\nrun\\_1 & partly & 1 & ", "\ntwo & partly & -- & ", " & -- \\\\\n")
                .contains(String.format(
                        "& %.3f &", found.at("/bayes_fraction/estimate").asDouble()));
        assertThat(run(typed, one.toString()).exits(2).err()).contains("option --latex", "it is an input");
        assertThat(run(typed, html).exits(2).err()).contains("option --latex", "another result");
        assertThat(run(typed, folder + "/none/t.tex").exits(2).err()).contains("option --latex", "does not exist");
    }

    private static Cli run(String[] typed, String last) {
        return Cli.run(Stream.concat(Arrays.stream(typed), Stream.of(last)).toArray(String[]::new));
    }

    /** The module that measures is not on this class path, as it is not where the program is started by itself. */
    @Test
    void withoutTheMeasurementsItSaysHowToHaveThem() {
        for (String typed : new String[] {"bench", "bench coverage --kinds", "bench audit --records 10 -q"}) {
            Cli cli = Cli.run(typed.split(" ")).exits(2);
            assertThat(cli.err())
                    .startsWith("credence: the measurements are in the module bench, which is not on the class path;"
                            + " ./credence bench in the source tree builds it");
            assertThat(cli.out()).isEmpty();
        }
        assertThat(Cli.run("bench", "--help").exits(0).out()).contains("./credence in the source tree builds it");
    }
}
