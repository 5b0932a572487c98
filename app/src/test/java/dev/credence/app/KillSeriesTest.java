package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.lab.audits.RecordedLogs;
import dev.credence.lab.models.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Work that is ended at random moments, by SIGKILL, SIGTERM and SIGINT in turn, and begun again: it comes to the bytes of
 * work that was left alone, and nothing of its own is left over. -Dcredence.kills=N for another number of kills,
 * -Dcredence.kills.seed=N for other moments.
 */
class KillSeriesTest {
    private static final boolean ASKED = Integer.getInteger("credence.kills") != null;
    private static final int KILLS = Integer.getInteger("credence.kills", 1);
    private static final String[] SIGNALS = {"KILL", "TERM", "INT"};

    @TempDir
    private Path folder;

    private final SplittableRandom random = new SplittableRandom(Long.getLong("credence.kills.seed", 8));
    private final List<Process> started = new ArrayList<>();

    private String at(String name) {
        return folder.resolve(name).toString();
    }

    /** The command line in a process of its own, which works in the test's folder. */
    private Process start(String... arguments) throws IOException {
        Process process = Cli.process(folder.resolve("child.log"), arguments)
                .directory(folder.toFile())
                .start();
        started.add(process);
        return process;
    }

    /** Where a check fails, what still runs would write into a folder that is gone. */
    @AfterEach
    void endAll() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    /** Ends a process once a file of it is there and a while has gone by. */
    private void end(Process process, int kill, Path sign) throws IOException, InterruptedException {
        while (process.isAlive() && !Files.exists(sign)) {
            Thread.sleep(2);
        }
        Thread.sleep(random.nextInt(300));
        String signal = SIGNALS[kill % SIGNALS.length];
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .redirectErrorStream(true)
                .start()
                .waitFor();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).as(signal).isTrue();
    }

    /** All has run to its end, without an error. */
    private void finish(Process process) throws IOException, InterruptedException {
        assertThat(process.waitFor(120 + 30L * KILLS, TimeUnit.SECONDS))
                .as("has ended")
                .isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(folder.resolve("child.log")))
                .isZero();
    }

    private void nothingIsLeftOver() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .noneMatch(name -> name.endsWith(".tmp") || name.endsWith(".part") || name.endsWith(".partial"));
        }
        assertThat(folder.resolve("child.log")).content().doesNotContain("Exception", "\tat ");
    }

    @Test
    void sweep() throws IOException, InterruptedException {
        assumeTrue(ASKED, "takes long: asked for by -Dcredence.kills=N");
        String plan = Files.writeString(
                        folder.resolve("plan.yaml"),
                        "experiment: which-conditional\ngrid: {accept.good: [.5, .6, .7, .8, .9], accept.bad: [.1, .2]}\n")
                .toString();
        Cli.run("sweep", plan, "-o", at("whole")).exits(0);
        Process process = start("sweep", plan, "-o", at("swept"), "--parallel", "1");
        for (int kill = 0; kill < KILLS; kill++) {
            end(process, kill, folder.resolve("swept/run.json"));
            process = start("resume", at("swept"));
        }
        finish(process);
        for (String name : new String[] {"cells.csv", "cells.parquet"}) {
            assertThat(folder.resolve("swept/" + name)).hasSameBinaryContentAs(folder.resolve("whole/" + name));
        }
        nothingIsLeftOver();
    }

    @Test
    void follow() throws IOException, InterruptedException {
        Path dumps = Files.createDirectory(folder.resolve("dumps"));
        for (int step = 1; step <= 6; step++) {
            Files.writeString(
                    dumps.resolve("step-" + step + ".jsonl"),
                    RecordedLogs.log(RecordedLogs.tilt(1), 60, ", \"step\": " + step));
        }
        String[] command = {"audit", "--follow", at("dumps"), "--beta", "1", "--settled", ".05", "--idle", "1", "--run"
        };
        finish(start(with(command, "whole")));
        Process process = start(with(command, "killed"));
        for (int kill = 0; kill < KILLS; kill++) {
            end(process, kill, folder.resolve("runs/killed"));
            process = start(with(command, "killed"));
        }
        finish(process);
        assertThat(steps("killed")).isEqualTo(steps("whole")).hasSize(6);
        nothingIsLeftOver();
    }

    private static String[] with(String[] command, String... more) {
        return Stream.concat(Arrays.stream(command), Arrays.stream(more)).toArray(String[]::new);
    }

    private JsonNode steps(String run) throws IOException {
        return new ObjectMapper()
                .readTree(folder.resolve("runs/" + run + "/audit.json").toFile())
                .get("steps");
    }

    @Test
    void auditOfModels() throws IOException, InterruptedException {
        assumeTrue(ASKED, "takes long: asked for by -Dcredence.kills=N");
        String prompts =
                Files.writeString(folder.resolve("prompts.txt"), "t\nha\n").toString();
        String prior = TinyCheckpoint.write(folder.resolve("prior"), 1).toString();
        String policy = TinyCheckpoint.write(folder.resolve("policy"), 2).toString();
        String[] command = {
            "audit", "--prior", prior, "--policy", policy, "--prompts", prompts, "--reward", "count:[ae]"
        };
        command = with(command, "--max-new-tokens", "6", "--samples", "2000", "--log");
        Cli.run(with(command, at("whole.jsonl"))).exits(0);
        Process process = start(with(command, at("killed.jsonl")));
        for (int kill = 0; kill < KILLS; kill++) {
            end(process, kill, folder.resolve("killed.jsonl.partial"));
            process = start(with(command, at("killed.jsonl")));
        }
        finish(process);
        assertThat(folder.resolve("killed.jsonl")).hasSameBinaryContentAs(folder.resolve("whole.jsonl"));
        nothingIsLeftOver();
    }

    @Test
    void severalMethodsOfConditioning() throws IOException, InterruptedException {
        assumeTrue(ASKED, "takes long: asked for by -Dcredence.kills=N");
        String prior = TinyCheckpoint.write(folder.resolve("prior"), 1).toString();
        String[] command = {
            "condition", prior, "--prompt", "t", "--horizon", "2", "--reward", "count:[ae]", "--beta", "1"
        };
        command = with(
                command, "--method", "rloo,best-of-n,ppo", "--n", "3", "--samples", "8", "--checkpoint-every", "2");
        command = with(command, "--steps", Integer.toString(60 * (KILLS + 1)), "--save");
        finish(start(with(command, at("whole"))));
        Process process = start(with(command, at("killed")));
        for (int kill = 0; kill < KILLS; kill++) {
            end(process, kill, folder.resolve("killed/run.json"));
            process = start("resume", at("killed"));
        }
        finish(process);
        for (String method : new String[] {"rloo", "ppo"}) {
            assertThat(folder.resolve("killed/" + method + "/model.safetensors"))
                    .hasSameBinaryContentAs(folder.resolve("whole/" + method + "/model.safetensors"));
        }
        assertThat(methods("killed")).isEqualTo(methods("whole"));
        nothingIsLeftOver();
    }

    /** What came of each, without the seconds that it took. */
    private JsonNode methods(String run) throws IOException {
        JsonNode methods = new ObjectMapper()
                .readTree(folder.resolve(run + "/result.json").toFile())
                .get("methods");
        methods.forEach(method -> ((ObjectNode) method).remove("seconds"));
        return methods;
    }

    /** Two processes train; the first is ended, and the other ends with it. */
    @Test
    void firstOfTwoTrainingProcesses() throws IOException, InterruptedException {
        assumeTrue(ASKED, "takes long: asked for by -Dcredence.kills=N");
        String corpus = Files.writeString(folder.resolve("corpus.txt"), "a hat\n\nand a cat\n\n".repeat(40))
                .toString();
        String[] command = {
            "train", corpus, "--layers", "1", "--width", "16", "--heads", "2", "--context", "16", "--length", "16",
        };
        command =
                with(command, "--batch", "6", "--steps", Integer.toString(60 * (KILLS + 1)), "--checkpoint-every", "1");
        command = with(command, "--vocabulary", "260", "--seed", "3", "--processes", "2", "-o");
        finish(start(with(command, at("whole"))));
        Process process = start(with(command, at("killed")));
        for (int kill = 0; kill < KILLS; kill++) {
            end(process, kill, folder.resolve("killed/run.json"));
            noneOfItsProcessesGoesOn();
            process = start("resume", at("killed"), "--processes", "2");
        }
        finish(process);
        assertThat(folder.resolve("killed/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("whole/model.safetensors"));
        nothingIsLeftOver();
    }

    private void noneOfItsProcessesGoesOn() throws InterruptedException {
        for (int wait = 0; wait < 600 && children() > 0; wait++) {
            Thread.sleep(50);
        }
        assertThat(children()).as("processes that outlive the first").isZero();
    }

    private long children() {
        return ProcessHandle.allProcesses()
                .filter(process -> Arrays.stream(process.info().arguments().orElse(new String[0]))
                        .anyMatch(argument -> argument.contains(folder.toString())))
                .count();
    }

    /** Commands that have no run to go on with: begun again they come to the same file, and what was left beside it is gone. */
    @Test
    void commandsThatBeginAgain() throws IOException, InterruptedException {
        assumeTrue(ASKED, "takes long: asked for by -Dcredence.kills=N");
        String model = TinyCheckpoint.write(folder.resolve("model"), 1).toString();
        String log = Files.writeString(folder.resolve("log.jsonl"), RecordedLogs.log(RecordedLogs.tilt(1), 4000, ""))
                .toString();
        String texts = Files.writeString(
                        folder.resolve("texts.jsonl"), "{\"prompt\":\"t\",\"completion\":\"ha\"}\n".repeat(3000))
                .toString();
        String[][] commands = {
            {"sample", model, "--prompt", "t", "-n", "3000", "--max-new-tokens", "6", "--seed", "1", "-q", "--json"},
            {"score", model, texts, "-q", "--json"},
            {"audit", log, "--beta", "1", "-q", "--prompts-file"},
            {"audit", log, "--beta", "1", "-q", "-o"},
        };
        String[] ends = {"jsonl", "jsonl", "parquet", "html"};
        for (int c = 0; c < commands.length; c++) {
            String name = commands[c][0] + c + "." + ends[c];
            Path file = folder.resolve(name);
            start(with(commands[c], at(name))).waitFor(120, TimeUnit.SECONDS);
            byte[] whole = Files.readAllBytes(file);
            Files.delete(file);
            for (int kill = 0; kill < KILLS; kill++) {
                Process process = start(with(commands[c], at(name)));
                Thread.sleep(random.nextInt(4000));
                end(process, kill, folder);
                assertThat(!Files.exists(file) || Files.size(file) == whole.length)
                        .as(name + " is there whole or not at all")
                        .isTrue();
            }
            start(with(commands[c], at(name))).waitFor(120, TimeUnit.SECONDS);
            if (!ends[c].equals("html")) { // a page says when it was made
                assertThat(file).hasBinaryContent(whole);
            }
            nothingIsLeftOver();
        }
    }
}
