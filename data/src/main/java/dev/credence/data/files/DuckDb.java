package dev.credence.data.files;

import dev.credence.core.natives.NativeFolder;
import dev.credence.core.natives.NativeLibraryException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.duckdb.DuckDBDriver;

/**
 * DuckDB as it is used here: in memory, for the files that it is told and no others. It spills nothing onto the disk, loads and
 * fetches no extension, opens no network, and takes no more memory than Java may.
 */
public final class DuckDb {
    private static final Pattern CLASS = Pattern.compile("[\\w.:]*[a-z](?:Exception|Error)\\b:?\\s*");

    private static final String LIBRARY = "libduckdb_java"; // how the files begin that it unpacks itself into
    private static final long LEAST_MEMORY = 1L << 30;
    private static final long LEAST_OBJECT = 1 << 24; // bytes of a line that it reads
    private static final long FEWEST_ROWS = 2048; // of a group, which is in memory as a whole while it is written
    private static final long MOST_ROWS = 122_880;
    private static final long GROUP = 1 << 26; // bytes

    private static volatile boolean isLoaded;

    private DuckDb() {}

    /**
     * Opens a database of its own.
     *
     * @param streams whether results come row by row
     * @param files those that may be read or written
     * @return to be closed
     * @throws SQLException if the library cannot be used
     */
    public static Connection open(boolean streams, Path... files) throws SQLException {
        Properties properties = new Properties();
        if (streams) {
            properties.setProperty("jdbc_stream_results", "true");
        }
        Connection connection = connect(properties);
        try (Statement statement = connection.createStatement()) {
            String allowed = Arrays.stream(files)
                    .map(file -> quoted(file.toString()))
                    .collect(Collectors.joining(", ", "[", "]"));
            long memory = Math.max(LEAST_MEMORY, Runtime.getRuntime().maxMemory()) >> 20;
            for (String setting : new String[] {
                "allowed_paths = " + allowed,
                "memory_limit = '" + memory + "MiB'",
                "temp_directory = ''",
                "autoinstall_known_extensions = false",
                "autoload_known_extensions = false",
                "allow_community_extensions = false",
                "allow_persistent_secrets = false",
                "enable_external_access = false",
                "lock_configuration = true"
            }) {
                statement.execute("SET " + setting);
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private static Connection connect(Properties properties) throws SQLException {
        Set<Path> before = isLoaded ? Set.of() : NativeFolder.unpacked(LIBRARY);
        try {
            Connection connection = Objects.requireNonNull(new DuckDBDriver().connect("jdbc:duckdb:", properties));
            isLoaded = true;
            NativeFolder.unlink(LIBRARY);
            return connection;
        } catch (LinkageError e) {
            NativeFolder.removeUnpacked(LIBRARY, before);
            throw new NativeLibraryException("DuckDB", NativeFolder.temporary(), e);
        }
    }

    /**
     * A text in a statement.
     *
     * @param text any
     * @return it in quotes
     */
    public static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /**
     * Writes the records of JSON Lines as Parquet.
     *
     * @param lines what is read
     * @param packing how they are packed
     * @param parquet what is written
     * @param columns names and types, as DuckDB's {@code read_json} has them
     * @param longest bytes that a line may have
     * @throws IOException if that fails
     */
    public static void toParquet(Path lines, LinePacking packing, Path parquet, String columns, long longest)
            throws IOException {
        String query = "COPY (SELECT * FROM read_json(" + quoted(lines.toString())
                + ", format = 'newline_delimited', compression = '" + packing.word()
                + "', hive_partitioning = false, maximum_object_size = "
                + Math.max(LEAST_OBJECT, longest) + ", columns = " + columns + ")) TO "
                + quoted(parquet.toString()) + " (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false, ROW_GROUP_SIZE "
                + Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, GROUP / Math.max(1, longest))) + ")";
        try (Connection connection = open(false, lines, parquet);
                Statement statement = connection.createStatement()) {
            statement.execute(query);
        } catch (SQLException e) {
            throw new IOException("DuckDB could not write Parquet: " + e.getMessage(), e);
        }
    }

    /**
     * Why a file could not be read, in words for a person: the first line of what DuckDB says, without names of classes.
     *
     * @param thrown what it threw
     * @return a phrase
     */
    public static String cause(SQLException thrown) {
        String said = String.valueOf(thrown.getMessage()).lines().findFirst().orElse("");
        return CLASS.matcher(said).replaceAll("");
    }
}
