package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class JarStartTest {
    @Test
    void theJarAloneSaysWhatIsMissing() throws IOException, InterruptedException, URISyntaxException {
        Path alone = Path.of(JarStart.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        alone.toString(),
                        JarStart.class.getName(),
                        "audit",
                        "log.jsonl")
                .redirectErrorStream(true)
                .start();
        String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said)
                .startsWith("credence: credence.jar needs the folder lib beside it")
                .hasLineCount(1);
        assertThat(java.waitFor()).isEqualTo(1);
    }
}
