//! Tests of the picker's list: matching, moving, marking and editing the query.

use super::*;

fn list(names: &[&str]) -> List {
    let item = |name: &&str| Choice { name: (*name).to_owned(), ..Choice::default() };
    List::new("context", names.iter().map(item).collect())
}

fn typed(list: &mut List, text: &str) {
    for c in text.chars() {
        assert_eq!(list.press(Key::Char(c)), KeyOutcome::Continue);
    }
}

fn names(list: &List) -> Vec<&str> {
    list.shown.iter().map(|item| list.items[*item].name.as_str()).collect()
}

#[test]
fn a_few_characters_match_a_name() {
    let mut list = list(&["dev", "prod-eu1", "prod-us1", "arn:aws:eks:eu-west-1:1:cluster/shop"]);
    typed(&mut list, "peu");
    assert_eq!(names(&list)[0], "prod-eu1");
    assert_eq!(list.press(Key::Enter), KeyOutcome::Chosen(vec![1]));
    list.press(Key::Clear);
    typed(&mut list, "prod us");
    assert_eq!(names(&list), ["prod-us1"]);
    list.press(Key::Word);
    assert_eq!(names(&list), ["prod-eu1", "prod-us1"]);
    assert_eq!(list.query, "prod ");
}

#[test]
fn equal_matches_keep_the_order_of_the_list() {
    let mut list = list(&["b-prod", "a-prod", "c-prod"]);
    assert_eq!(names(&list), ["b-prod", "a-prod", "c-prod"]);
    typed(&mut list, "prod");
    assert_eq!(names(&list), ["b-prod", "a-prod", "c-prod"]);
}

#[test]
fn the_pointer_stays_in_the_list_and_on_the_screen() {
    let all: Vec<String> = (0..100).map(|at| format!("c{at}")).collect();
    let mut list = list(&all.iter().map(String::as_str).collect::<Vec<_>>());
    list.fit(10);
    list.press(Key::Up);
    assert_eq!(list.pointed(), Some(0));
    for _ in 0..3 {
        list.press(Key::PageDown);
    }
    list.fit(10);
    assert_eq!((list.at, list.top), (30, 21));
    for _ in 0..50 {
        list.press(Key::PageDown);
    }
    list.fit(10);
    assert_eq!((list.at, list.top), (99, 90));
    typed(&mut list, "c1");
    list.fit(10);
    assert_eq!((list.at, list.top), (0, 0));
}

#[test]
fn all_marked_items_are_chosen() {
    let mut list = list(&["a", "b", "c"]).many();
    list.press(Key::Mark);
    list.press(Key::Down);
    list.press(Key::Mark);
    assert_eq!(list.press(Key::Enter), KeyOutcome::Chosen(vec![0, 2]));
    list.press(Key::Mark);
    assert_eq!(list.press(Key::Enter), KeyOutcome::Chosen(vec![0]));
}

#[test]
fn without_a_match_only_a_free_text_can_be_chosen() {
    let mut list = list(&["a"]);
    typed(&mut list, "zzz");
    assert_eq!(list.press(Key::Enter), KeyOutcome::Continue);
    let mut list = self::list(&["a"]).free();
    typed(&mut list, " new ");
    assert_eq!(list.press(Key::Enter), KeyOutcome::Typed("new".to_owned()));
    assert_eq!(list.press(Key::Cancel), KeyOutcome::Cancel);
}

#[test]
fn the_query_is_edited_at_the_cursor() {
    let mut list = list(&["a"]);
    typed(&mut list, "aé日");
    list.press(Key::Left);
    list.press(Key::Backspace);
    assert_eq!((list.query.as_str(), list.cursor), ("a日", 1));
    list.press(Key::Delete);
    list.press(Key::Delete);
    list.press(Key::Home);
    list.press(Key::Backspace);
    list.press(Key::Char('\u{1b}'));
    assert_eq!((list.query.as_str(), list.cursor), ("a", 0));
    list.press(Key::End);
    list.press(Key::Right);
    assert_eq!(list.cursor, 1);
}

#[test]
fn an_alias_matches_like_a_name_and_labels_filter() {
    let item = |name: &str, alias: &str, label: &str| Choice {
        name: name.to_owned(),
        aliases: vec![alias.to_owned()],
        labels: vec![label.to_owned(), "source=eks".to_owned()],
        ..Choice::default()
    };
    let items = vec![
        item("gke_corp_eu", "shop", "env=prod"),
        item("dev-shop", "d", "env=dev"),
        item("x", "y", "PROD"),
    ];
    let mut list = List::new("context", items);
    typed(&mut list, "shop");
    assert_eq!(names(&list), ["gke_corp_eu", "dev-shop"]);
    // No character of the name is marked for a match of the alias.
    assert_eq!(list.hits(0), Vec::<usize>::new());
    assert_eq!(list.hits(1), [4, 5, 6, 7]);
    list.press(Key::Clear);
    typed(&mut list, "label:prod");
    assert_eq!(names(&list), ["gke_corp_eu", "x"]);
    typed(&mut list, " label:source=EKS corp");
    assert_eq!(names(&list), ["gke_corp_eu"]);
    list.press(Key::Clear);
    typed(&mut list, "label:nothing");
    assert!(names(&list).is_empty());
    // A text that may be chosen has no labels.
    let mut free = List::new("namespace", Vec::new()).free();
    typed(&mut free, "label:x");
    assert_eq!(free.press(Key::Enter), KeyOutcome::Typed("label:x".to_owned()));
}
