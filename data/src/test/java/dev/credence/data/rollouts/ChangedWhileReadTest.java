package dev.credence.data.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import dev.credence.data.corpora.CorpusReader;
import dev.credence.data.corpora.Division;
import dev.credence.data.files.FileHash;
import dev.credence.data.files.FileStamp;
import dev.credence.data.rewards.RewardExpression;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that somebody writes while they are read: no result of half the old and half the new. */
class ChangedWhileReadTest {
    private static final String LINE =
            "{\"prompt\":\"p\",\"completion\":\"a\",\"reward\":1,\"logp_prior\":-1,\"logp_policy\":-1,\"source\":\"prior\"}\n";
    private static final String RULE = "a file must stay as it is until it has been read";

    @TempDir
    private Path folder;

    private Path log;

    /** What somebody else does to the file. */
    @FunctionalInterface
    private interface Deed {
        void on(Path file) throws IOException;
    }

    @BeforeEach
    void write() throws IOException {
        log = Files.writeString(folder.resolve("log.jsonl"), LINE.repeat(3));
    }

    private static void append(Path file) throws IOException {
        Files.writeString(file, LINE, StandardOpenOption.APPEND);
    }

    /** Reads the log, and while its first record's reward is computed somebody does something to the file. */
    private LogRead read(Deed deed) {
        return new RolloutLogReader(options(deed), InputStream.nullInputStream()).read(List.of(log.toString()));
    }

    private ReadOptions options(Deed deed) {
        AtomicBoolean done = new AtomicBoolean();
        RewardExpression reward = RewardExpression.of("own", text -> {
            try {
                if (done.compareAndSet(false, true)) {
                    deed.on(log);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return 1;
        });
        return ReadOptions.standard(1).withThreads(1).withRewards(Map.of("own", reward));
    }

    private void isRefused(Deed deed, String words) {
        assertThatThrownBy(() -> read(deed))
                .isInstanceOf(InputException.class)
                .hasMessageContainingAll("log.jsonl: ", words, "while it was read", RULE);
    }

    @Test
    void aLogThatStaysIsRead() {
        assertThat(read(file -> {}).steps().get(0).log().size()).isEqualTo(3);
    }

    @Test
    void aLogThatGrowsShrinksOrIsWrittenOverIsRefused() throws IOException {
        long bytes = Files.size(log);
        isRefused(
                ChangedWhileReadTest::append,
                "changed (" + bytes + " bytes when it was opened, " + (bytes + LINE.length()) + " now)");
        write();
        isRefused(file -> Files.writeString(file, ""), "changed (" + bytes + " bytes when it was opened, 0 now)");
        write();
        isRefused(
                file -> {
                    Files.writeString(file, LINE.repeat(3).replace(":1,", ":2,"));
                    Files.setLastModifiedTime(file, FileTime.fromMillis(1));
                },
                "changed (" + bytes);
    }

    @Test
    void aLogThatIsReplacedOrGoneIsRefused() throws IOException {
        Path other = Files.writeString(folder.resolve("other"), LINE.repeat(3));
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(log));
        isRefused(file -> Files.move(other, file, StandardCopyOption.REPLACE_EXISTING), "replaced by another file");
        isRefused(Files::delete, "gone");
        write();
        isRefused(
                file -> {
                    Files.delete(file);
                    Files.createDirectory(file);
                },
                "replaced by another file");
    }

    /** A last line that is half written is no fault of the log's. */
    @Test
    void whatSeemsBrokenInALogThatIsBeingWrittenSaysNothing() throws IOException {
        Files.writeString(log, LINE + LINE.substring(0, 30));
        assertThatThrownBy(() -> read(file -> {})).hasMessageContaining("log.jsonl:2");
        isRefused(file -> Files.writeString(file, LINE.substring(30), StandardOpenOption.APPEND), "changed");
    }

    @Test
    void aFollowersFileIsBrokenUntilItChangesAgain() throws IOException {
        PartReader reader = new PartReader(options(ChangedWhileReadTest::append));
        assertThatThrownBy(() -> {
                    InputException broken =
                            reader.read("log.jsonl", 0, log).facts().broken();
                    throw broken == null ? new AssertionError("it was read") : broken;
                })
                .hasMessageContainingAll("changed", RULE);
        assertThat(reader.read("log.jsonl", 0, log).facts().broken()).isNull();
    }

    @Test
    void recordsThatAreReadOneByOneAreWatchedToTheEnd() throws IOException {
        try (RawRecords records = RawRecords.open(log.toString(), InputStream.nullInputStream())) {
            assertThat(records.next()).isNotNull();
            append(log);
            assertThatThrownBy(() -> {
                        while (records.next() != null) {
                            Thread.onSpinWait();
                        }
                    })
                    .hasMessageContainingAll("changed", RULE);
        }
        byte[] bytes = LINE.getBytes(StandardCharsets.UTF_8);
        try (RawRecords records = RawRecords.open("-", new java.io.ByteArrayInputStream(bytes))) {
            assertThat(records.next()).isNotNull();
            assertThat(records.next()).isNull();
        }
    }

    @Test
    void aStampOfADeviceIsAlwaysTheSame() throws IOException {
        Path device = Path.of("/dev/null");
        if (Files.exists(device)) {
            FileStamp.of("-", device).check();
        }
        assertThat(FileHash.of(log).bytes()).isEqualTo(3L * LINE.length());
    }

    @Test
    void aCorpusIsHashedAsItWasRead() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "one\n\ntwo\n");
        CorpusReader reader = new CorpusReader(new Division(Division.Kind.PARAGRAPHS, ""), "text");
        assertThat(reader.read(List.of(text.toString())).inputs()).containsExactly(FileHash.of(text));
    }
}
