//! Files that another program has open. Only Windows then refuses access to them.

use std::io;

/// `ERROR_SHARING_VIOLATION`, `ERROR_LOCK_VIOLATION` and `ERROR_USER_MAPPED_FILE`.
const IN_USE: [i32; 3] = [32, 33, 1224];

/// True if another program has the file open and does not permit this access.
pub(super) fn is_in_use(error: &io::Error) -> bool {
    cfg!(windows) && error.raw_os_error().is_some_and(|code| IN_USE.contains(&code))
}

/// Repeats what fails because of another program, for half a second: virus scanners and editors close a file soon. If
/// `denied`, repeats also if access is denied, which is how Windows refuses to replace an open file.
#[cfg(windows)]
pub(super) fn retry<T>(denied: bool, mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    use std::time::Duration;
    let mut pauses = [1, 2, 5, 10, 20, 50, 100, 150, 162].into_iter();
    loop {
        let error = match attempt() {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let may_end = is_in_use(&error) || denied && error.kind() == io::ErrorKind::PermissionDenied;
        match pauses.next().filter(|_| may_end) {
            Some(pause) => std::thread::sleep(Duration::from_millis(pause)),
            None => return Err(error),
        }
    }
}

/// Other systems have no such error.
#[cfg(not(windows))]
pub(super) fn retry<T>(_denied: bool, mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    attempt()
}
