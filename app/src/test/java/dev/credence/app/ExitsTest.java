package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.app.console.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways out of the command line: whatever is wrong is said in words, without the names of classes or a stack. */
class ExitsTest {
    private static final boolean ALL = "all".equals(System.getProperty("credence.exits"));
    private static final int SHARE = 4; // of all, so many kinds apart, unless all are asked for

    private static final Pattern INSIDE = Pattern.compile(
            "[a-z](Exception|Error)\\b|\\bat [a-z]+\\.[a-z.]+\\(|\\b(java|dev|com|org|ai)\\.[a-z]+\\.[a-z]");

    @TempDir
    private Path folder;

    @BeforeEach
    void brokenThings() throws IOException {
        Files.write(folder.resolve("bytes"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1, 2, 3});
        Files.write(folder.resolve("empty"), new byte[0]);
        Files.writeString(folder.resolve("deep"), "[".repeat(20_000));
        Files.writeString(folder.resolve("brace"), "{\"prompt\": {\"a\"");
        Files.writeString(folder.resolve("text"), "no: such: thing\n\t- x");
        Files.createDirectory(folder.resolve("folder"));
        Files.createSymbolicLink(folder.resolve("loop"), folder.resolve("loop"));
        Path run = Files.createDirectory(folder.resolve("run"));
        Files.writeString(run.resolve("run.json"), "{\"schema\":\"credence.run/1\",\"kind\":\"train\"}");
        Files.write(run.resolve("metrics.jsonl"), new byte[] {'{', (byte) 0xc3, '\n'});
        Path model = Files.createDirectory(folder.resolve("model"));
        Files.writeString(model.resolve("config.json"), "{\"model_type\":\"llama\"}");
        Path gzip = folder.resolve("cut.jsonl.gz");
        Files.write(gzip, new byte[] {0x1f, (byte) 0x8b, 8, 0, 0});
        Files.writeString(folder.resolve("p.parquet"), "PAR1 and no more");
    }

    static List<String> commands() {
        List<String> commands = new ArrayList<>();
        String[] broken = {
            "bytes",
            "empty",
            "deep",
            "brace",
            "text",
            "folder",
            "loop",
            "none",
            "run",
            "model",
            "cut.jsonl.gz",
            "p.parquet",
            "''"
        };
        for (int kind = 0; kind < broken.length; kind++) {
            String file = broken[kind];
            int at = 0;
            for (String command : new String[] {
                "audit %s --beta 1",
                "audit %s --config %s",
                "audit %s --reward lexicon:%s",
                "plan %s --figure kl.policy_prior --width 0.1",
                "posterior %s --beta 1",
                "condition %s --method ppo",
                "sample %s --prompt a",
                "score %s %s",
                "train %s -o new",
                "train t1 -o new --from %s",
                "train t1 -o new --tokenizer %s",
                "reward %s -o new",
                "reward %s --evaluate %s",
                "sweep %s",
                "run %s",
                "resume %s",
                "report %s -o page.html",
                "runs %s",
                "loss %s %s",
                "merge %s -o new",
                "worlds %s"
            }) {
                if (ALL || at++ % SHARE == kind % SHARE) {
                    commands.add(command.replace("%s", file));
                }
            }
        }
        commands.add("posterior t1 --beta 1 --json none/x.json");
        commands.add("posterior t1 --beta 1 --json folder");
        commands.add("posterior t1 --beta 1e-400");
        commands.add("audit [ --beta 1");
        return commands;
    }

    private List<String> placed(String command) {
        List<String> placed = new ArrayList<>();
        for (String word : command.split(" ", -1)) {
            String name = word.replace("''", "");
            boolean isFile = Files.exists(folder.resolve(name)) || name.matches("none.*|new|page.html|loop");
            placed.add(!name.isEmpty() && isFile ? folder.resolve(name).toString() : name);
        }
        return placed;
    }

    @Test
    void allAreToldInWords() {
        List<String> untold = new ArrayList<>();
        for (String command : commands()) {
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
            PrintStream report = new PrintStream(err, true, StandardCharsets.UTF_8);
            String[] args = placed(command).toArray(new String[0]);
            int code = Main.run(args, new Console(InputStream.nullInputStream(), out, report, Console.Face.PLAIN_FILE));
            String said = err.toString(StandardCharsets.UTF_8);
            boolean isTold = code >= 0
                    && code <= 2
                    && (code == 0 || said.lines().anyMatch(line -> line.startsWith("credence: ")))
                    && !INSIDE.matcher(said.replace(folder.toString(), "")).find()
                    && !said.contains("a fault of the program");
            if (!isTold) {
                untold.add(
                        command + " (" + code + "): " + said.lines().findFirst().orElse(""));
            }
        }
        assertThat(untold).isEmpty();
    }
}
