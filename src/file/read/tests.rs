//! Tests of reading files: limits, identities and special files.

use super::*;
use std::fs;

#[test]
fn reads_up_to_the_limit_and_not_beyond() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config");
    fs::write(&path, "12345").unwrap();
    assert_eq!(read(&path, 5).unwrap().0, b"12345");
    assert_eq!(read(&path, 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    assert_eq!(read(dir.path().join("no").as_path(), 4).unwrap_err().kind(), io::ErrorKind::NotFound);
    assert!(read(dir.path(), 4).is_err());
}

#[test]
fn identity_tells_versions_and_files_apart() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    fs::write(&one, "1").unwrap();
    fs::write(&two, "2").unwrap();
    let first = read(&one, limits::KUBECONFIG).unwrap().1;
    assert_eq!(first, read(&one, limits::KUBECONFIG).unwrap().1);
    fs::write(&one, "longer").unwrap();
    let second = read(&one, limits::KUBECONFIG).unwrap().1;
    assert_ne!(first, second);
    if cfg!(unix) {
        assert!(first.same_file(&second));
    }
    assert!(!first.same_file(&read(&two, limits::KUBECONFIG).unwrap().1));
}

#[test]
fn a_version_is_settled_after_the_resolution_of_its_times() {
    let at = |ms: u64| std::time::UNIX_EPOCH + std::time::Duration::from_millis(ms);
    let version = |mtime_ns| Identity { dev: 1, ino: 1, size: 1, mtime_ns, ctime_ns: 0 };
    assert!(version(5_000_000_001).is_settled(at(5_101)));
    assert!(!version(5_000_000_001).is_settled(at(5_050)));
    // Whole seconds may mean a resolution of seconds.
    assert!(!version(5_000_000_000).is_settled(at(6_900)));
    assert!(version(5_000_000_000).is_settled(at(7_000)));
}

/// The pipe has no writer and the socket no listener: waiting for them would never end.
#[cfg(target_os = "linux")]
#[test]
fn special_files_are_refused_without_blocking() {
    let dir = tempfile::tempdir().unwrap();
    let place = |name: &str| dir.path().join(name);
    let pipe = place("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(place("socket")).unwrap();
    for (link, target) in [("to-pipe", pipe.as_path()), ("zero", Path::new("/dev/zero"))] {
        std::os::unix::fs::symlink(target, place(link)).unwrap();
    }
    for (path, said) in [
        (pipe.clone(), "is a pipe, not a file"),
        (place("to-pipe"), "is a pipe, not a file"),
        (place("socket"), "is a socket, not a file"),
        (place("zero"), "is a device, not a file"),
        ("/dev/zero".into(), "is a device, not a file"),
        ("/dev/full".into(), "is a device, not a file"),
        (dir.path().to_owned(), "is a directory"),
    ] {
        for read in [read, read_given] {
            assert_eq!(read(&path, limits::KUBECONFIG).unwrap_err().to_string(), said, "{path:?}");
        }
        assert_eq!(open(&path).unwrap_err().to_string(), said, "{path:?}");
        assert!(!holds(&path, &[b""]), "{path:?}");
    }
    assert_eq!(read(Path::new("/dev/null"), limits::KUBECONFIG).unwrap().0, b"");
}

#[test]
fn a_file_larger_than_the_limit_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sparse");
    fs::File::create(&path).unwrap().set_len(1 << 42).unwrap();
    for error in [read(&path, limits::KUBECONFIG).unwrap_err(), open(&path).unwrap_err()] {
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_that_the_user_gave_is_read_to_its_end() {
    use std::io::Write;
    use std::os::fd::AsRawFd;
    let (reader, mut writer) = io::pipe().unwrap();
    let content = vec![b'x'; 200_000];
    let path = |folder: &str| std::path::PathBuf::from(format!("{folder}/{}", reader.as_raw_fd()));
    assert_eq!(read(&path("/dev/fd"), limits::KUBECONFIG).unwrap_err().to_string(), "is a pipe, not a file");
    let read = std::thread::scope(|scope| {
        let writing = scope.spawn(|| writer.write_all(&content).map(|()| drop(writer)));
        let read = read_given(&path("/proc/self/fd"), limits::KUBECONFIG).unwrap().0;
        writing.join().unwrap().unwrap();
        read
    });
    assert!(read == content);
}

#[test]
fn inherited_descriptors_are_recognized_by_their_path() {
    for path in ["/dev/stdin", "/dev/fd/0", "/dev/fd/63", "/proc/self/fd/12", "/dev//fd/3"] {
        assert!(is_open_file(Path::new(path)), "{path}");
    }
    for path in
        ["/dev/fd", "/dev/fd/x", "/dev/fd/-1", "/proc/1/fd/0", "dev/fd/0", "/dev/fd/../zero", "/dev/tty"]
    {
        assert!(!is_open_file(Path::new(path)), "{path}");
    }
}
