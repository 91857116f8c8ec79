<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<!-- What Qt's own Chinese leaves in English or says in a word that no office program uses.
     After a change: .venv/bin/pyside6-lrelease app/shell/qt_words/own_zh_CN.ts -->
<TS version="2.1" language="zh_CN">
<context>
    <name>QAbstractFileIconProvider</name>
    <message><source>File</source><comment>Match Windows Explorer</comment><translation>文件</translation></message>
    <message><source>%1 File</source><comment>%1 is a file name suffix, for example txt</comment><translation>%1 文件</translation></message>
    <message><source>File Folder</source><comment>Match Windows Explorer</comment><translation>文件夹</translation></message>
    <message><source>Folder</source><comment>All other platforms</comment><translation>文件夹</translation></message>
    <message><source>Drive</source><translation>驱动器</translation></message>
    <message><source>Shortcut</source><comment>All other platforms</comment><translation>快捷方式</translation></message>
    <message><source>Alias</source><comment>macOS Finder</comment><translation>快捷方式</translation></message>
    <message><source>Unknown</source><translation>未知</translation></message>
</context>
<context>
    <name>QFileSystemModel</name>
    <message><source>Size</source><translation>大小</translation></message>
    <message><source>Date Modified</source><translation>修改时间</translation></message>
</context>
<context>
    <name>QFileDialog</name>
    <message><source>File &amp;name:</source><translation>文件名(&amp;N)：</translation></message>
    <message><source>Parent Directory</source><translation>上一级</translation></message>
    <message><source>Go to the parent directory</source><translation>到上一级文件夹</translation></message>
    <message><source>Directories</source><translation>文件夹</translation></message>
    <message><source>Directory:</source><translation>文件夹：</translation></message>
    <message><source>Find Directory</source><translation>选择文件夹</translation></message>
</context>
<context>
    <name>QPlatformTheme</name>
    <message><source>Discard</source><translation>不保存</translation></message>
</context>
</TS>
