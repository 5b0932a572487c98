package dev.credence.app.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Credence's own version. */
public final class Version {
    private static final String BUILT = "/META-INF/maven/dev.credence/credence-app/pom.properties";

    private Version() {}

    /** {@return the version of the jar; {@code development} where there is none} */
    public static String current() {
        try (InputStream in = Version.class.getResourceAsStream(BUILT)) {
            if (in == null) {
                return "development";
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version", "development");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
