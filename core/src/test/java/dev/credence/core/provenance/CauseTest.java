package dev.credence.core.provenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CauseTest {
    @Test
    void filesAreNamedWithWhatIsWrong() {
        assertThat(Cause.of(new NoSuchFileException("/a/b"))).isEqualTo("/a/b: no such file");
        assertThat(Cause.of(new AccessDeniedException("/a/b"))).isEqualTo("/a/b: permission denied");
        assertThat(Cause.of(new FileSystemException("/a/b", null, "No space left on device")))
                .isEqualTo("/a/b: No space left on device");
    }

    @Test
    void wrappersSayWhatTheyWrap() {
        IOException full = new IOException("No space left on device");
        assertThat(Cause.of(new UncheckedIOException(full))).isEqualTo("No space left on device");
        assertThat(Cause.of(new UncheckedIOException("cannot write x", full)))
                .isEqualTo("cannot write x (No space left on device)");
        assertThat(Cause.of(new ExecutionException(new UncheckedIOException(full))))
                .isEqualTo("No space left on device");
    }

    @Test
    void faultsOfTheProgramAreCalledSo() {
        assertThat(Cause.of(new NullPointerException("Cannot invoke \"java.util.List.size()\"")))
                .isEqualTo(Cause.OF_THE_PROGRAM);
        assertThat(Cause.of(new IllegalStateException())).isEqualTo(Cause.OF_THE_PROGRAM);
    }

    @Test
    void noKindNamesAClass() {
        List<Throwable> all = List.of(
                new ConnectException(),
                new ConnectException("Connection refused"),
                new UnknownHostException("nowhere"),
                new EOFException(),
                new MalformedInputException(1),
                new OutOfMemoryError("Java heap space"),
                new StackOverflowError(),
                new UnsatisfiedLinkError("/x/libfoo.so: wrong ELF class"),
                new IOException(),
                new IOException((String) null),
                new IOException("java.sql.SQLException: Invalid Input Error: no magic"),
                new UncheckedIOException(new ConnectException()),
                new IllegalArgumentException("width is 3; it must be even"),
                new InterruptedException(),
                new AssertionError());
        for (Throwable each : all) {
            assertThat(Cause.of(each))
                    .as(each.toString())
                    .isNotBlank()
                    .doesNotContainPattern("[a-z](Exception|Error)\\b");
        }
        assertThat(Cause.of(all.get(10))).isEqualTo("Invalid Input Error: no magic");
    }

    @Test
    void whatAParserCouldBeToldToAllowIsNotSaid() {
        assertThat(Cause.ofParser(
                        "Non-standard token 'NaN': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"))
                .isEqualTo("Non-standard token 'NaN'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e-400", "-1e-400", "0.1e-320", "1e400", "-1e999", "0x1p-2000", "4.9e-324"})
    void numbersThatADoubleCannotHoldAreRefused(String text) {
        assertThatThrownBy(() -> NumberText.parse(text))
                .isInstanceOf(NumberFormatException.class)
                .hasMessage(text + " is out of range: a number is 0 or from 2.2e-308 to 1.8e308");
    }

    @Test
    void othersAreReadAsEver() {
        assertThat(NumberText.parse("0e-999")).isZero();
        assertThat(NumberText.parse("-0.0")).isEqualTo(-0.0);
        assertThat(NumberText.parse("2.3e-308")).isEqualTo(2.3e-308);
        assertThat(NumberText.parse(" 1.5 ")).isEqualTo(1.5);
        assertThat(NumberText.parse("0x1p3")).isEqualTo(8);
        assertThat(NumberText.parse("-Infinity")).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(NumberText.parse("NaN")).isNaN();
    }
}
