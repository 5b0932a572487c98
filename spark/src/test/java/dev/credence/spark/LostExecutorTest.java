package dev.credence.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.credence.lab.audits.AuditRequest;
import dev.credence.lab.audits.AuditWords;
import dev.credence.lab.audits.LogReading;
import dev.credence.lab.audits.RecordedLogs;
import dev.credence.lab.engines.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.JobExecutionStatus;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkJobInfo;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.SparkStatusTracker;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Executors in processes of their own, as on a cluster: one that is killed with its shuffled parts changes no figure. */
class LostExecutorTest {
    private static final AuditRequest REQUEST = AuditRequest.standard().atBeta(1);
    private static final String CLASS_PATH = "spark.executor.extraClassPath";
    private static final String NEWS = "spark.ui.liveUpdate.period"; // how old what is told of running tasks may be

    @TempDir
    private static Path folder = Path.of("");

    @BeforeAll
    static void prepare() throws Exception {
        // an executor is started as by an installed Spark, which has its jars there; here the tests' class path has
        // them
        String home = Objects.requireNonNull(System.getenv("SPARK_HOME"), "SPARK_HOME; mvn sets it for these tests");
        Files.createDirectories(Path.of(home).resolve("jars"));
        System.setProperty(CLASS_PATH, System.getProperty("java.class.path"));
        System.setProperty(NEWS, "0");
    }

    @AfterAll
    static void forget() {
        System.clearProperty(CLASS_PATH);
        System.clearProperty(NEWS);
    }

    private static List<ProcessHandle> executors() {
        return ProcessHandle.current()
                .descendants()
                .filter(process ->
                        process.info().command().orElse("").endsWith("java")) // a long class path hides the rest
                .toList();
    }

    /** Waits until so many tasks of the last stage of the running job are done; no longer than the audit takes. */
    private static void awaitLastStage(SparkStatusTracker tracker, int tasks, CompletableFuture<String> audit)
            throws InterruptedException {
        while (!audit.isDone()) {
            for (int job : tracker.getActiveJobIds()) {
                SparkJobInfo info = tracker.getJobInfo(job).getOrElse(() -> null);
                if (info != null && info.status() == JobExecutionStatus.RUNNING) {
                    int last = Arrays.stream(info.stageIds()).max().orElse(-1);
                    SparkStageInfo stage = tracker.getStageInfo(last).getOrElse(() -> null);
                    if (stage != null && stage.numCompletedTasks() >= tasks) {
                        return;
                    }
                }
            }
            Thread.sleep(2);
        }
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void anExecutorThatIsKilledChangesNothing() throws Exception {
        Path log = RecordedLogs.spread(folder.resolve("log"), 8, 24, 6);
        List<String> files = List.of(log.toString());
        String expected = AuditWords.ofLog(REQUEST, files, LogReading.standard());
        try (Engine.Session session = Engine.of("spark").open("local-cluster[2,1,1024]")) {
            CompletableFuture<String> audit = CompletableFuture.supplyAsync(() -> {
                try {
                    return AuditWords.of(
                            REQUEST, warnings -> session.audit(files, LogReading.standard(), true, warnings));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            awaitLastStage(SparkContext.getOrCreate().statusTracker(), 2, audit);
            List<ProcessHandle> running = executors();
            assertThat(running).as("executors").isNotEmpty();
            boolean before = audit.isDone();
            running.get(0).destroyForcibly();
            assertThat(before).as("done before one was killed").isFalse();
            assertThat(audit.get()).isEqualTo(expected);
            assertThat(running.get(0).isAlive()).isFalse();
        }
    }

    /** Waits until so many tasks run at once of a job that is not the first; no longer than the audit takes. */
    private static void awaitTasksOfALaterJob(SparkStatusTracker tracker, int tasks, CompletableFuture<String> audit)
            throws InterruptedException {
        while (!audit.isDone()) {
            for (int number : tracker.getActiveStageIds()) {
                SparkStageInfo stage = tracker.getStageInfo(number).getOrElse(() -> null);
                boolean isLater = Arrays.stream(tracker.getActiveJobIds()).allMatch(job -> job > 0);
                if (stage != null && isLater && stage.numTasks() == tasks && stage.numActiveTasks() == tasks) {
                    return;
                }
            }
            Thread.sleep(2);
        }
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void oneThatAuditsAStepTogetherWithOthersIsReplacedAndTheStepIsAuditedAgain() throws Exception {
        Path log = RecordedLogs.spread(folder.resolve("large"), 4, 1, 20_000);
        List<String> files = List.of(log.toString());
        String expected = AuditWords.ofLog(REQUEST, files, LogReading.standard());
        System.setProperty(SparkAudit.MOST_RECORDS, "10000");
        try (Engine.Session session = Engine.of("spark").open("local-cluster[2,1,1024]")) {
            CompletableFuture<String> audit = CompletableFuture.supplyAsync(() -> {
                try {
                    return AuditWords.of(
                            REQUEST, warnings -> session.audit(files, LogReading.standard(), true, warnings));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            awaitTasksOfALaterJob(SparkContext.getOrCreate().statusTracker(), 2, audit);
            List<ProcessHandle> running = executors();
            boolean before = audit.isDone();
            running.get(0).destroyForcibly();
            assertThat(before).as("done before one was killed").isFalse();
            assertThat(audit.get()).isEqualTo(expected);
            assertThat(running.get(0).isAlive()).isFalse();
        } finally {
            System.clearProperty(SparkAudit.MOST_RECORDS);
        }
    }
}
